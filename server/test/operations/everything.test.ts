import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { bundlesOf, observation } from '../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  const ref = (reference: string) => ({ reference });
  const R = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
  const resources = [
    { resourceType: 'Organization', id: 'o', name: 'O' },
    { resourceType: 'Organization', id: 'unrelated', name: 'U' },
    { resourceType: 'Practitioner', id: 'p', name: [{ family: 'P' }] },
    {
      resourceType: 'PractitionerRole',
      id: 'r',
      practitioner: ref('Practitioner/p'),
      organization: ref('Organization/o'),
    },
    { resourceType: 'Medication', id: 'm', manufacturer: ref('Organization/o') },
    { resourceType: 'Patient', id: 'a' },
    { resourceType: 'Patient', id: 'b' },
    {
      resourceType: 'Encounter',
      id: 'e',
      status: 'finished',
      class: { code: 'AMB' },
      subject: ref('Patient/a'),
      period: { start: '2020-01-01', end: '2020-01-02' },
      participant: [{ individual: ref('PractitionerRole/r') }],
    },
    observation('Patient/a', {
      id: 'o1',
      encounter: ref('Encounter/e'),
      effectiveDateTime: '2020-01-01',
    }),
    observation('Patient/a', { id: 'o2', effectiveDateTime: '2021-06-01' }),
    observation('Patient/a', { id: 'o3' }),
    observation('Patient/a', { id: 'secret', meta: { security: [{ system: R, code: 'R' }] } }),
    observation('Patient/b', { id: 'other' }),
    {
      resourceType: 'MedicationRequest',
      id: 'mr',
      status: 'active',
      intent: 'order',
      medicationReference: ref('Medication/m'),
      subject: ref('Patient/a'),
      authoredOn: '2020-01-01',
    },
    {
      resourceType: 'Provenance',
      id: 'pv',
      recorded: '2020-01-01T00:00:00Z',
      agent: [{ who: ref('Practitioner/p') }],
      target: [ref('Observation/o1/_history/1')],
    },
  ];
  for (const resource of resources) {
    const path = `${resource.resourceType}/${(resource as { id: string }).id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());
const { get } = bundlesOf(() => server);

interface Found {
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly resource: { readonly resourceType: string; readonly id: string };
    readonly search: { readonly mode: string };
  }[];
}
function read(answer: Answer): Found {
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as unknown as Found;
}
function keys(found: Found, mode?: string): string[] {
  return (found.entry ?? [])
    .filter(({ search }) => mode === undefined || search.mode === mode)
    .map(({ resource }) => `${resource.resourceType}/${resource.id}`)
    .sort();
}
const all = async (path: string, caller: Caller = people.ehr) => {
  const found: Found[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page = read(await get(next, caller));
    found.push(page);
    next = page.link.find(({ relation }) => relation === 'next')?.url.split('/fhir/')[1];
    assert.ok(found.length < 50);
  }
  return found;
};
const OF_A = [
  'Encounter/e',
  'MedicationRequest/mr',
  'Observation/o1',
  'Observation/o2',
  'Observation/o3',
  'Patient/a',
  'Provenance/pv',
];
const AROUND = ['Medication/m', 'Organization/o', 'Practitioner/p', 'PractitionerRole/r'];

describe('Patient/$everything', () => {
  it('gives the compartment and what it refers to, no more', async () => {
    const found = read(await get('Patient/a/$everything'));
    assert.deepEqual(keys(found, 'match'), OF_A);
    assert.deepEqual(keys(found, 'include'), AROUND);
    const posted = await server.ask(people.ehr, 'POST', 'Patient/a/$everything', {
      body: JSON.stringify({
        resourceType: 'Parameters',
        parameter: [
          { name: '_type', valueCode: 'Observation' },
          { name: 'start', valueDate: '2021-01-01' },
        ],
      }),
    });
    assert.deepEqual(keys(read(posted)), ['Observation/o2', 'Observation/o3']);
  });

  it('comes in pages that together are everything, each match once', async () => {
    for (const count of [1, 2, 3]) {
      const pages = await all(`Patient/a/$everything?_count=${count}`);
      assert.ok(pages.every((page) => keys(page, 'match').length <= count));
      assert.deepEqual(pages.flatMap((page) => keys(page, 'match')).sort(), OF_A);
      assert.deepEqual([...new Set(pages.flatMap((page) => keys(page, 'include')))].sort(), AROUND);
    }
    const next = (await all('Patient/a/$everything?_count=2'))[0]?.link.find(
      ({ relation }) => relation === 'next',
    );
    const path = next?.url.split('/fhir/')[1] ?? '';
    assert.equal((await get(path)).status, 200);
    assert.equal((await get(path, people.doctor)).status, 400);
    assert.equal((await get(path.replace('Patient/a', 'Patient/b'))).status, 400);
  });

  it('keeps to types, times and dates of care', async () => {
    const of = async (query: string) =>
      keys(read(await get(`Patient/a/$everything?${query}`)), 'match');
    assert.deepEqual(await of('_type=Patient,Medication'), ['Patient/a']);
    assert.deepEqual(
      keys(read(await get('Patient/a/$everything?_type=MedicationRequest,Medication'))),
      ['Medication/m', 'MedicationRequest/mr'],
    );
    assert.deepEqual(await of('_type=Observation&start=2020-01-02&end=2021-06-01'), [
      'Observation/o2',
      'Observation/o3',
    ]);
    assert.deepEqual(await of('_type=Observation&end=2020'), ['Observation/o1', 'Observation/o3']);
    assert.deepEqual(await of('_since=2100-01-01T00:00:00Z'), []);
    const refused: [string, string][] = [
      ['_type=Nothing', '_type'],
      ['_count=0', '_count'],
      ['_since=2020', '_since'],
      ['start=never', 'start'],
      ['status=final', 'status'],
    ];
    for (const [query, name] of refused) {
      const answer = await get(`Patient/a/$everything?${query}`);
      assert.equal(answer.status, 400, answer.text);
      assert.deepEqual(
        (answer.json() as { issue: { expression: string[] }[] }).issue[0]?.expression,
        [`http.${name}`],
      );
    }
  });

  it('is refused like a read', async () => {
    assert.equal((await get('Patient/never/$everything')).status, 404);
    assert.equal((await get('Patient/a/$everything', people.pharmacist)).status, 404);
    assert.equal((await get('Patient/b/$everything', people.patientA)).status, 404);
    assert.deepEqual(
      keys(read(await get('Patient/a/$everything', people.patientA)), 'match').includes(
        'Patient/a',
      ),
      true,
    );
    const narrow = { ...people.ehr, scope: 'system/Patient.rs system/Observation.rs' };
    assert.deepEqual(keys(read(await get('Patient/a/$everything', narrow))), [
      'Observation/o1',
      'Observation/o2',
      'Observation/o3',
      'Patient/a',
    ]);
    assert.equal(
      (await get('Patient/a/$everything', { ...people.ehr, scope: 'system/Observation.rs' }))
        .status,
      403,
    );
  });

  it("of the type is that of the token's patient, or of all", async () => {
    const own = read(await get('Patient/$everything', people.patientA));
    assert.ok(keys(own).includes('Patient/a') && !keys(own).includes('Patient/b'));
    const every = keys(read(await get('Patient/$everything')), 'match');
    assert.deepEqual(every, [...OF_A, 'Observation/other', 'Patient/b'].sort());
    assert.deepEqual(keys(read(await get('Patient/$everything', people.pharmacist))), []);
  });
});

describe('Encounter/$everything', () => {
  it('gives what belongs to the encounter, and what it refers to', async () => {
    const found = read(await get('Encounter/e/$everything'));
    assert.deepEqual(keys(found, 'match'), ['Encounter/e', 'Observation/o1']);
    assert.deepEqual(keys(found, 'include'), [
      'Organization/o',
      'Patient/a',
      'Practitioner/p',
      'PractitionerRole/r',
    ]);
    assert.equal((await get('Encounter/never/$everything')).status, 404);
    assert.equal((await get('Encounter/e/$everything', people.pharmacist)).status, 404);
    assert.equal((await get('Encounter/e/$everything?start=2020')).status, 400);
  });
});
