import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { observation, patient, putsTo } from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
const { ask, statusOf } = requestsOf(() => server);
beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'));
});
afterAll(() => server.close());

const json = { 'content-type': 'application/json-patch+json' };
const fhirpath = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'delete' },
        { name: 'path', valueString: 'Observation.subject' },
      ],
    },
  ],
};
const bare = { ...observation('o', 'a', '1'), subject: undefined };
const entry = (resource: object) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource, request: { method: 'PUT', url: 'Observation/o' } }],
});

/** All ways to take an observation from its patient. */
const WAYS: Readonly<Record<string, (caller: Caller) => ReturnType<typeof ask>>> = {
  'a patch that removes the subject': (caller) =>
    ask(caller, 'PATCH', 'Observation/o', [{ op: 'remove', path: '/subject' }], json),
  'a FHIRPath patch': (caller) => ask(caller, 'PATCH', 'Observation/o', fhirpath),
  'an update without subject': (caller) => ask(caller, 'PUT', 'Observation/o', bare),
  'an update with another subject': (caller) =>
    ask(caller, 'PUT', 'Observation/o', observation('o', 'b', '1')),
  'an update about a room': (caller) =>
    ask(caller, 'PUT', 'Observation/o', { ...bare, subject: { reference: 'Location/x' } }),
  'a transaction': (caller) => ask(caller, 'POST', '', entry(observation('o', 'b', '1'))),
};

describe('a change that takes data from their patient', () => {
  for (const [what, way] of Object.entries(WAYS)) {
    it(`by ${what} is for systems and administration of the custodian`, async () => {
      const admin: Caller = { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' };
      await put(observation('o', 'a', '1'));
      const refused = await way(people.doctor);
      assert.equal(refused.status, 403, refused.text);
      assert.match(refused.text, /(Observation|resource)\.subject"/);
      for (const caller of [people.pharmacist, people.patientB]) {
        const { status } = await way(caller);
        assert.ok([403, 404].includes(status), `${caller.role} ${status}`);
      }
      assert.equal(await statusOf(people.patientA, 'Observation/o'), 200);
      for (const caller of [people.ehr, admin]) {
        await put(observation('o', 'a', '1'));
        const done = await way(caller);
        assert.equal(done.status, 200, done.text);
        // What is measured of a room is everybody's.
        const isRoom = what.endsWith('room');
        assert.equal(await statusOf(people.patientA, 'Observation/o'), isRoom ? 200 : 404);
        // What was written before is judged by whom it concerns now, too.
        const before = await statusOf(people.patientA, 'Observation/o/_history/1');
        assert.equal(before, isRoom ? 200 : 404);
      }
      assert.equal(await statusOf(people.pharmacist, 'Observation/o/_history/1'), 404);
    });
  }

  it('is none that leaves them theirs, or assigns what was of nobody', async () => {
    await put(observation('o', 'a', '1'));
    const amended = { ...observation('o', 'a', '1'), status: 'amended' };
    assert.equal((await ask(people.doctor, 'PUT', 'Observation/o', amended)).status, 200);
    assert.equal((await ask(people.doctor, 'POST', 'Observation', bare)).status, 201);
    await put({ ...bare, id: 'open' });
    const placed = observation('open', 'b', '1');
    assert.equal((await ask(people.doctor, 'PUT', 'Observation/open', placed)).status, 200);
    assert.equal(await statusOf(people.patientB, 'Observation/open'), 200);
  });

  it("is one that makes everybody's what was of somebody who cannot be told", async () => {
    await put({ ...bare, id: 'closed' });
    const opened = { ...bare, id: 'closed', subject: { reference: 'Location/x' } };
    const refused = await ask(people.doctor, 'PUT', 'Observation/closed', opened);
    assert.equal(refused.status, 403, refused.text);
    assert.equal(await statusOf(people.pharmacist, 'Observation/closed'), 404);
    assert.equal((await ask(people.ehr, 'PUT', 'Observation/closed', opened)).status, 200);
    assert.equal(await statusOf(people.pharmacist, 'Observation/closed'), 200);
  });
});
