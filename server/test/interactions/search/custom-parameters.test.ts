import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { idsOf, observation, patient } from '../../support/clinical-samples.ts';

let folder: string;
let server: TestApp;
const environment = () => ({
  CHARTSEAL_STORE: `sqlite:${join(folder, 'store.sqlite')}`,
  CHARTSEAL_LEDGER: `embedded:${join(folder, 'ledger')}`,
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'custom-'));
  server = await startApp(environment());
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

type Resource = Readonly<Record<string, unknown>> & {
  readonly resourceType: string;
  readonly id: string;
};
const put = (resource: Resource): Promise<Answer> =>
  server.ask(people.ehr, 'PUT', `${resource.resourceType}/${resource.id}`, {
    body: JSON.stringify(resource),
  });
const get = (path: string, caller: Parameters<TestApp['ask']>[0] = people.doctor) =>
  server.ask(caller, 'GET', path);
const done = async (): Promise<void> => {
  for (let i = 0; i < 400; i += 1) {
    const status = await get('$reindex-status', people.ehr);
    assert.equal(status.status, 200, status.text);
    if (/"name":"complete","valueBoolean":true/.test(status.text)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('the index never becomes complete');
};

const eye = 'http://example.org/eye-colour';
const seen = (id: string, colour: string): Resource => ({
  ...patient(id, 'Berg'),
  extension: [{ url: eye, valueString: colour }],
});
const parameter = (more: object = {}): Resource => ({
  resourceType: 'SearchParameter',
  id: 'eye',
  url: 'http://example.org/SearchParameter/eye',
  name: 'eye',
  status: 'active',
  description: 'Colour of the eyes',
  code: 'eye',
  base: ['Patient'],
  type: 'string',
  expression: `Patient.extension.where(url = '${eye}').value as string`,
  ...more,
});

describe('custom search parameters', () => {
  it('find what is written from then on, and what was stored before once that is indexed again', async () => {
    for (let i = 0; i < 120; i += 1)
      assert.equal((await put(seen(`p${i}`, i === 7 ? 'Green' : 'Blue'))).status, 201);
    const unknown = await get('Patient?eye=green');
    assert.equal(unknown.status, 400);
    assert.match(unknown.text, /no search parameter/);

    assert.equal((await put(parameter())).status, 201);
    const early = await get('Patient?eye=green');
    assert.equal(early.status, 400, early.text);
    assert.match(early.text, /not complete yet/);
    const sorted = await get('Patient?_sort=eye');
    assert.equal(sorted.status, 400);
    const lenient = await server.ask(people.doctor, 'GET', 'Patient?eye=green', {
      headers: { prefer: 'handling=lenient' },
    });
    assert.equal(lenient.status, 400, 'what is known is not ignored');
    assert.equal((await put(seen('new', 'Green'))).status, 201);
    await done();
    assert.deepEqual(idsOf(await get('Patient?eye=green')), ['new', 'p7']);
    assert.deepEqual(idsOf(await get('Patient?eye=green&_id=p7')), ['p7']);
    assert.deepEqual(idsOf(await get('Patient?eye=brown')), []);
    const linked = observation('o1', 'p7', '1-1');
    assert.equal((await put(linked)).status, 201);
    assert.deepEqual(idsOf(await get('Observation?patient.eye=green')), ['o1']);
    assert.equal((await get('Patient?_sort=eye')).status, 200);
  });

  it('survive a restart, and an interrupted one goes on', async () => {
    await server.close();
    server = await startApp(environment());
    await done();
    assert.deepEqual(idsOf(await get('Patient?eye=green')), ['new', 'p7']);
    const other = parameter({
      expression: `Patient.extension.where(url='${eye}').value.as(string) | Patient.name.family`,
    });
    assert.equal((await put(other)).status, 200);
    await server.close();
    server = await startApp(environment());
    await done();
    assert.equal(idsOf(await get('Patient?eye=berg&_count=1000')).length, 121);
    assert.deepEqual(idsOf(await get('Patient?eye=green')), ['new', 'p7']);
  });

  it('are gone with their resource, or when it is not active any more', async () => {
    assert.equal((await put(parameter({ status: 'retired' }))).status, 200);
    assert.match((await get('Patient?eye=green')).text, /no search parameter/);
    assert.equal((await put(parameter())).status, 200);
    await done();
    assert.deepEqual(idsOf(await get('Patient?eye=green')), ['new', 'p7']);
    assert.equal((await server.ask(people.ehr, 'DELETE', 'SearchParameter/eye')).status, 204);
    assert.match((await get('Patient?eye=green')).text, /no search parameter/);
  });

  it('are told of as soon as they can be searched by, and no longer', async () => {
    const told = async (): Promise<readonly boolean[]> => {
      const metadata = await server.app.inject('/fhir/metadata');
      const xml = await server.app.inject({
        url: '/fhir/metadata',
        headers: { accept: 'application/fhir+xml' },
      });
      const openApi = await server.app.inject('/openapi.json');
      return [
        metadata.body.includes('"name":"eye"'),
        xml.body.includes('<name value="eye"/>'),
        openApi.body.includes('"name":"eye"'),
      ];
    };
    const statement = await server.app.inject('/fhir/metadata');
    assert.deepEqual(await told(), [false, false, false]);
    assert.equal((await put(parameter())).status, 201);
    const early = await told();
    const isPending = (await get('Patient?eye=green')).status === 400;
    if (isPending) assert.deepEqual(early, [false, false, false]);
    await done();
    assert.deepEqual(await told(), [true, true, true]);
    assert.equal((await server.ask(people.ehr, 'DELETE', 'SearchParameter/eye')).status, 204);
    assert.deepEqual(await told(), [false, false, false]);
    const undated = (text: string): string => text.replace(/"date":"[^"]*"/, '');
    const after = await server.app.inject('/fhir/metadata');
    assert.equal(undated(after.body), undated(statement.body));
  });

  it('are refused when they cannot be indexed, by the element that is wrong', async () => {
    for (const [more, element] of [
      [{ expression: 'Patient.nonsense' }, 'expression'],
      [{ expression: 'Patient.name.where(' }, 'expression'],
      [{ expression: "Patient.name.matches('(a+)+$')" }, 'expression'],
      [{ expression: 'Observation.code' }, 'expression'],
      [{ type: 'quantity', expression: 'Patient.name' }, 'expression'],
      [{ type: 'special' }, 'type'],
      [{ code: 'a.b' }, 'code'],
      [{ code: '__proto__' }, 'code'],
    ] as const) {
      const answer = await put(parameter({ ...more, id: 'bad' }));
      assert.equal(answer.status, 422, `${JSON.stringify(more)}: ${answer.text}`);
      assert.match(answer.text, new RegExp(`"SearchParameter\\.${element}"`));
    }
    const draft = await put(parameter({ status: 'draft', id: 'draft', expression: 'anything' }));
    assert.equal(draft.status, 201, 'what is not active is only stored');
  });

  it('are watched by operators alone', async () => {
    assert.equal((await get('$reindex-status')).status, 403);
    assert.equal((await get('$reindex-status', people.pharmacist)).status, 403);
    assert.equal((await get('$reindex-status', people.ehr)).status, 200);
    const metrics = await server.app.inject('/metrics');
    assert.match(metrics.body, /chartseal_types_reindexing 0/);
  });
});
