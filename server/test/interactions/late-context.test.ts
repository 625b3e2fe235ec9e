import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  consent,
  entriesOf,
  idsOf,
  observation,
  patient,
  putsTo,
  type Resource,
} from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'));
});
afterAll(() => server.close());

const send = (caller: Caller, method: 'PUT' | 'POST', path: string, body: object) =>
  server.ask(caller, method, path, { body: JSON.stringify(body) });
const statusOf = async (caller: Caller, path: string): Promise<number> =>
  (await server.ask(caller, 'GET', path)).status;
const binary = (id: string, reference?: string): Resource => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  data: 'eA==',
  ...(reference === undefined ? {} : { securityContext: { reference } }),
});
/** What an outsider of the Binary may write, and what would open it. */
const CONTEXTS: Readonly<Record<string, (id: string) => Resource>> = {
  'a Patient': (id) => patient(id, 'Late'),
  'a resource of nobody': (id) => ({ resourceType: 'Basic', id, code: { text: 'x' } }),
  'an Organization': (id) => ({ resourceType: 'Organization', id, name: 'x' }),
  'an Observation of another patient': (id) => observation(id, 'b', '1'),
  'a draft Consent of nobody here': (id) => ({
    ...consent(id, 'a', { type: 'permit' }),
    status: 'draft',
    patient: { display: 'x' },
  }),
};
const OUTSIDERS: readonly Caller[] = [
  people.otherDoctor,
  people.patientA,
  people.patientB,
  people.pharmacist,
  people.auditor,
];

/** In every way there is to learn of it. */
async function learns(caller: Caller, id: string): Promise<boolean> {
  const path = `Binary/${id}`;
  const statuses = await Promise.all(
    [path, `${path}/_history/1`, `${path}/_history`].map((each) => statusOf(caller, each)),
  );
  const searches = await Promise.all(
    [
      `Binary?_id=${id}`,
      `?_type=Binary&_id=${id}`,
      `DocumentReference?_id=${id}&_include=*`,
      `Provenance?_id=${id}&_include=Provenance:target`,
    ].map(async (each) => {
      const found = entriesOf(await server.ask(caller, 'GET', each));
      return found.some(({ resource }) => resource.resourceType === 'Binary');
    }),
  );
  const counted = await server.ask(caller, 'GET', `Binary?_id=${id}&_summary=count`);
  const history = await server.ask(caller, 'GET', 'Binary/_history?_count=100');
  const batch = await send(caller, 'POST', '', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ request: { method: 'GET', url: path } }],
  });
  return (
    statuses.includes(200) ||
    searches.includes(true) ||
    counted.json()['total'] !== 0 ||
    history.text.includes(`${path}"`) ||
    history.text.includes(`${path}/`) ||
    batch.text.includes('"eA=="')
  );
}

describe('a Binary that was written before its security context', () => {
  let number = 0;
  for (const [what, make] of Object.entries(CONTEXTS)) {
    it(`is not opened by ${what} that another writes later`, async () => {
      const id = `late-${(number += 1)}`;
      const context = make(id);
      const named = `${context.resourceType}/${id}`;
      assert.equal(
        (await send(people.doctor, 'PUT', `Binary/${id}`, binary(id, named))).status,
        201,
      );
      await put({
        resourceType: 'Provenance',
        id,
        target: [{ reference: `Binary/${id}` }],
        recorded: '2020-01-01T00:00:00Z',
        agent: [{ who: { display: 'x' } }],
      });
      // Consents are recorded by the patient and the custodian's office.
      const another = context.resourceType === 'Consent' ? people.ehr : people.otherDoctor;
      const made = await send(another, 'PUT', named, context);
      assert.equal(made.status, 201, made.text);
      for (const caller of OUTSIDERS) {
        assert.equal(await learns(caller, id), false, `${caller.role} ${caller.user ?? ''}`);
        const changed = await send(caller, 'PUT', `Binary/${id}`, binary(id));
        assert.ok([403, 404].includes(changed.status), changed.text);
      }
      for (const caller of [people.doctor, people.ehr]) {
        assert.equal(await statusOf(caller, `Binary/${id}`), 200);
      }
      assert.deepEqual(idsOf(await server.ask(people.ehr, 'GET', `Binary?_id=${id}`)), []);
    });
  }

  it('is decided by it from when its writer writes it again, and no version of before is', async () => {
    const named = 'Observation/again';
    assert.equal(
      (await send(people.doctor, 'PUT', 'Binary/again', binary('again', named))).status,
      201,
    );
    await put(observation('again', 'a', '1'));
    assert.equal(await statusOf(people.patientA, 'Binary/again'), 404);
    const again = await send(people.doctor, 'PUT', 'Binary/again', binary('again', named));
    assert.equal(again.status, 200, again.text);
    for (const [caller, status] of [
      [people.patientA, 200],
      [people.otherDoctor, 200],
      [people.patientB, 404],
      [people.pharmacist, 404],
    ] as const) {
      assert.equal(await statusOf(caller, 'Binary/again'), status, caller.role);
      assert.notEqual(await statusOf(caller, 'Binary/again/_history/1'), 200, caller.role);
      const history = await server.ask(caller, 'GET', 'Binary/again/_history');
      assert.ok(!history.text.includes('_history/1"'), history.text);
    }
    assert.deepEqual(idsOf(await server.ask(people.patientA, 'GET', 'Binary?_id=again')), [
      'again',
    ]);
    assert.equal(await statusOf(people.doctor, 'Binary/again/_history/1'), 200);
  });

  it('stays closed when its context was deleted, and another writes that again', async () => {
    await put({ resourceType: 'Location', id: 'back', name: 'x' });
    await put(binary('open', 'Location/back'));
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Location/back')).status, 204);
    assert.equal(
      (await send(people.doctor, 'PUT', 'Binary/back', binary('back', 'Location/back'))).status,
      201,
    );
    await put({ resourceType: 'Location', id: 'back', name: 'x' });
    for (const caller of OUTSIDERS) assert.equal(await learns(caller, 'back'), false, caller.role);
    assert.equal(await statusOf(people.doctor, 'Binary/back'), 200);
    assert.equal(await statusOf(people.patientB, 'Binary/open'), 200);
  });

  it('tells of its deletion to no more', async () => {
    const gone = binary('gone', 'Basic/gone');
    assert.equal((await send(people.doctor, 'PUT', 'Binary/gone', gone)).status, 201);
    await put({ resourceType: 'Basic', id: 'gone', code: { text: 'x' } });
    assert.equal((await server.ask(people.doctor, 'DELETE', 'Binary/gone')).status, 204);
    for (const caller of OUTSIDERS) {
      assert.notEqual(await statusOf(caller, 'Binary/gone'), 410, caller.role);
      assert.equal(await learns(caller, 'gone'), false, caller.role);
    }
    assert.equal(await statusOf(people.doctor, 'Binary/gone'), 410);
  });

  it('of a Consent that was not placed when it was written is for staff, like that', async () => {
    const make = CONTEXTS['a draft Consent of nobody here'];
    assert.ok(make);
    await put(make('first'), binary('of-consent', 'Consent/first'));
    assert.equal(await statusOf(people.otherDoctor, 'Binary/of-consent'), 200);
    for (const caller of [people.patientA, people.patientB, people.pharmacist]) {
      assert.equal(await statusOf(caller, 'Binary/of-consent'), 404, caller.role);
    }
  });
});
