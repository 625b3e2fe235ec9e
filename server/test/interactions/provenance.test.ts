import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import {
  SYSTEM,
  bundlesOf,
  entry,
  observation,
  patient,
  pathOf,
  statuses,
  uuid,
} from '../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  await put('Patient/a', { resourceType: 'Patient', id: 'a' }, {});
  await put('Patient/b', { resourceType: 'Patient', id: 'b' }, {});
});
afterAll(() => server.close());
const { get, transact } = bundlesOf(() => server);

const agent = [{ who: { display: 'Dr. Müller' } }];
const provenance = (more: object = {}) => ({
  resourceType: 'Provenance',
  recorded: '2026-01-02T03:04:05Z',
  agent,
  ...more,
});
/** As a client sends it: UTF-8. */
const header = (more?: object | string): Record<string, string> => ({
  'x-provenance': Buffer.from(
    typeof more === 'string' ? more : JSON.stringify(provenance(more)),
    'utf8',
  ).toString('latin1'),
});

function put(
  path: string,
  resource: object,
  headers: Record<string, string>,
  caller: Caller = people.ehr,
): Promise<Answer> {
  return server.ask(caller, 'PUT', path, { body: JSON.stringify(resource), headers });
}

interface Found {
  readonly id: string;
  readonly target: readonly { readonly reference: string }[];
  readonly agent: unknown;
}
async function provenancesOf(target: string, caller: Caller = people.ehr): Promise<Found[]> {
  const found = await get(`Provenance?target=${target}&_sort=_lastUpdated`, caller);
  const { entry: entries = [] } = found.json() as { entry?: { resource: Found }[] };
  return entries.map(({ resource }) => resource);
}
const targets = async (target: string, caller?: Caller) =>
  (await provenancesOf(target, caller)).map((each) =>
    each.target.map(({ reference }) => reference),
  );

describe('X-Provenance', () => {
  it('is kept with every version that create, update, patch and delete make', async () => {
    const made = await server.ask(people.ehr, 'POST', 'Observation', {
      body: JSON.stringify(observation('Patient/a')),
      headers: header(),
    });
    assert.equal(made.status, 201, made.text);
    const id = String(made.json()['id']);
    const path = `Observation/${id}`;
    assert.equal((await put(path, observation('Patient/a', { id }), header())).status, 200);
    const patched = await server.ask(people.ehr, 'PATCH', path, {
      body: '[{"op":"replace","path":"/status","value":"amended"}]',
      headers: { ...header(), 'content-type': 'application/json-patch+json' },
    });
    assert.equal(patched.status, 200, patched.text);
    const gone = await server.ask(people.ehr, 'DELETE', path, { headers: header() });
    assert.equal(gone.status, 204, gone.text);
    assert.deepEqual(
      await targets(path),
      [1, 2, 3, 4].map((version) => [`${path}/_history/${version}`]),
    );
    const [first] = await provenancesOf(path);
    assert.deepEqual(first?.agent, agent);
  });

  it('goes with the conditional forms, and with nothing that changes nothing', async () => {
    const criteria = `identifier=${SYSTEM}|xp-1`;
    const create = () =>
      server.ask(people.ehr, 'POST', 'Patient', {
        body: JSON.stringify(patient('xp-1')),
        headers: { ...header(), 'if-none-exist': criteria },
      });
    const made = await create();
    assert.equal(made.status, 201, made.text);
    const path = `Patient/${String(made.json()['id'])}`;
    assert.equal((await create()).status, 200);
    assert.equal((await put(`Patient?${criteria}`, patient('xp-1'), header())).status, 200);
    const patching = () =>
      server.ask(people.ehr, 'PATCH', `Patient?${criteria}`, {
        body: '[{"op":"add","path":"/active","value":true}]',
        headers: { ...header(), 'content-type': 'application/json-patch+json' },
      });
    assert.equal((await patching()).status, 200);
    assert.equal((await patching()).status, 200);
    const removing = () =>
      server.ask(people.ehr, 'DELETE', `Patient?${criteria}`, { headers: header() });
    assert.equal((await removing()).status, 204);
    assert.equal((await removing()).status, 204);
    assert.equal((await server.ask(people.ehr, 'DELETE', path, { headers: header() })).status, 204);
    assert.deepEqual(
      await targets(path),
      [1, 2, 3, 4].map((version) => [`${path}/_history/${version}`]),
    );
  });

  it('is refused where it would be left out: of operations that change data, by GET and POST', async () => {
    const keeping = 'Composition/none/$document?persist=true';
    for (const [method, at] of [
      ['POST', 'Patient/none/$meta-add'],
      ['POST', keeping],
      ['GET', keeping],
    ] as const) {
      const answer = await server.ask(people.ehr, method, at, { headers: header() });
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, /X-Provenance goes with one create/);
    }
    const reading = 'Composition/none/$document';
    const read = await server.ask(people.ehr, 'GET', reading, { headers: header() });
    assert.equal(read.status, 404, read.text);
  });

  it('goes with a Consent', async () => {
    const consent = {
      resourceType: 'Consent',
      id: 'xp',
      status: 'active',
      scope: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/consentscope',
            code: 'patient-privacy',
          },
        ],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: 'Patient/b' },
      policyRule: { coding: [{ code: 'OPTIN' }] },
      provision: { type: 'permit' },
    };
    const kept = await put('Consent/xp', consent, header());
    assert.equal(kept.status, 201, kept.text);
    assert.deepEqual(await targets('Consent/xp'), [['Consent/xp/_history/1']]);
  });

  it('names the header in what it refuses, and then nothing is written', async () => {
    const refused: [object | string, number][] = [
      ['', 400],
      ['{', 400],
      ['{"resourceType":"Patient"}', 400],
      [{ agent: [] }, 422],
      [{ recorded: 'yesterday' }, 422],
      [{ target: [{ reference: 'Patient/xp-2/_history/2' }] }, 422],
      [{ target: [{ reference: 'Patient/xp-2' }] }, 422],
      [{ target: [] }, 422],
      [
        {
          target: [{ reference: 'Patient/xp-2/_history/1' }, { reference: 'Patient/a/_history/1' }],
        },
        422,
      ],
    ];
    for (const [more, status] of refused) {
      const answer = await put(
        'Patient/xp-2',
        { resourceType: 'Patient', id: 'xp-2' },
        header(more),
      );
      assert.equal(answer.status, status, `${JSON.stringify(more)}: ${answer.text}`);
      const { issue } = answer.json() as {
        issue: { expression: string[]; diagnostics: string }[];
      };
      assert.deepEqual(issue[0]?.expression, ['http.X-Provenance'], answer.text);
      assert.equal((await get('Patient/xp-2')).status, 404);
    }
    const named = header({ target: [{ reference: 'Patient/xp-2/_history/1' }] });
    const fits = await put('Patient/xp-2', { resourceType: 'Patient', id: 'xp-2' }, named);
    assert.equal(fits.status, 201, fits.text);
    assert.deepEqual(await targets('Patient/xp-2'), [['Patient/xp-2/_history/1']]);
  });

  it('is refused where nothing would come of it', async () => {
    const bundle = '{"resourceType":"Bundle","type":"transaction"}';
    const sent = await server.ask(people.ehr, 'POST', '', { body: bundle, headers: header() });
    assert.equal(sent.status, 400, sent.text);
    assert.match(sent.text, /http\.X-Provenance/);
    assert.equal((await server.ask(people.ehr, 'POST', '', { body: bundle })).status, 200);
  });

  it('takes a scope for Provenance as well', async () => {
    const narrow = { ...people.ehr, scope: 'system/Patient.cruds system/Provenance.r' };
    const wide = { ...people.ehr, scope: 'system/Patient.cruds system/Provenance.c' };
    const body = { resourceType: 'Patient', id: 'xp-3' };
    const refused = await put('Patient/xp-3', body, header(), narrow);
    assert.equal(refused.status, 403, refused.text);
    assert.match(refused.text, /X-Provenance.*Provenance\.c/);
    assert.equal((await get('Patient/xp-3')).status, 404);
    assert.equal((await put('Patient/xp-3', body, header(), wide)).status, 201);
  });
});

describe('a Provenance', () => {
  it('concerns the patients of what it tells of, and is hidden with it', async () => {
    await put('Observation/xp-4', observation('Patient/a', { id: 'xp-4' }), header());
    assert.equal((await targets('Observation/xp-4', people.patientA)).length, 1);
    assert.equal((await targets('Observation/xp-4', people.patientB)).length, 0);
    assert.equal((await targets('Observation/xp-4', people.pharmacist)).length, 0);

    const alone = provenance({ target: [{ reference: 'Observation/xp-4/_history/1' }] });
    const made = await server.ask(people.ehr, 'POST', 'Provenance', {
      body: JSON.stringify(alone),
    });
    assert.equal(made.status, 201, made.text);
    assert.equal((await targets('Observation/xp-4')).length, 2);
    assert.equal((await targets('Observation/xp-4', people.patientB)).length, 0);
  });

  it('names the versions that its transaction makes', async () => {
    const told = (n: number) => ({ reference: uuid(n) });
    const answer = await transact([
      entry('POST', 'Provenance', provenance({ target: [told(1), told(2), told(3), told(4)] })),
      entry('POST', 'Patient', patient('xp-5'), { fullUrl: uuid(1) }),
      entry('PUT', 'Patient/a', { resourceType: 'Patient', id: 'a' }, { fullUrl: uuid(2) }),
      entry(
        'PATCH',
        'Patient/b',
        {
          resourceType: 'Binary',
          contentType: 'application/json-patch+json',
          data: Buffer.from('[{"op":"add","path":"/active","value":true}]').toString('base64'),
        },
        { fullUrl: uuid(3) },
      ),
      entry(
        'POST',
        'Observation',
        observation(uuid(1), {
          hasMember: [
            {
              extension: [
                {
                  url: 'http://hl7.org/fhir/StructureDefinition/resolve-as-version-specific',
                  valueBoolean: true,
                },
              ],
              ...told(2),
            },
          ],
        }),
        { fullUrl: uuid(4) },
      ),
    ]);
    assert.deepEqual(statuses(answer), ['201', '201', '200', '200', '201'], answer.text);
    const found = (await get(pathOf(answer, 0))).json() as unknown as Found;
    const version = async (path: string) =>
      `${path}/_history/${/\d+/.exec(String((await get(path)).headers['etag']))?.[0] ?? ''}`;
    assert.deepEqual(
      found.target.map(({ reference }) => reference),
      [
        `${pathOf(answer, 1)}/_history/1`,
        await version('Patient/a'),
        await version('Patient/b'),
        `${pathOf(answer, 4)}/_history/1`,
      ],
    );
    const linked = (await get(pathOf(answer, 4))).json() as {
      subject: { reference: string };
      hasMember: { reference: string }[];
    };
    assert.equal(linked.subject.reference, pathOf(answer, 1));
    assert.equal(linked.hasMember[0]?.reference, await version('Patient/a'));
  });

  it('made in a transaction concerns the patients of what is made there', async () => {
    const answer = await transact([
      entry('POST', 'Observation', observation('Patient/a'), { fullUrl: uuid(1) }),
      entry('POST', 'Provenance', provenance({ target: [{ reference: uuid(1) }] })),
    ]);
    assert.deepEqual(statuses(answer), ['201', '201'], answer.text);
    assert.equal((await targets(pathOf(answer, 0), people.patientA)).length, 1);
    assert.equal((await targets(pathOf(answer, 0), people.patientB)).length, 0);
  });
});
