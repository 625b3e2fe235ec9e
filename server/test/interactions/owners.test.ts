import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Caller, type TestApp } from '../support/app.ts';
import type { Json } from '../support/r4.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const id of ['a', 'b']) await put({ resourceType: 'Patient', id });
  await put({
    resourceType: 'ServiceRequest',
    id: 'request',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/a' },
  });
});
afterAll(() => server.close());

const about = { reference: 'Patient/a' };
const told = { reference: 'ServiceRequest/request' };
const task = { resourceType: 'Task', status: 'requested', intent: 'order' };
const notice = {
  resourceType: 'PaymentNotice',
  status: 'active',
  created: '2026-01-02',
  payment: { reference: 'PaymentReconciliation/p' },
  recipient: { reference: 'Organization/o' },
  amount: { value: 10, currency: 'EUR' },
};

/** About patient a, though none of these types has a place in R4's patient compartment. */
const aboutA: Readonly<Record<string, Json>> = {
  'a Task for the patient': { ...task, for: about },
  'a Task about what concerns the patient': { ...task, focus: told },
  'a Task that is based on it': { ...task, basedOn: [{ reference: 'Basic/b' }, told] },
  'a Device of the patient': { resourceType: 'Device', patient: about },
  'a Contract': { resourceType: 'Contract', subject: [about] },
  'a GuidanceResponse': {
    resourceType: 'GuidanceResponse',
    moduleUri: 'http://example.org/m',
    status: 'success',
    subject: about,
  },
  'a Linkage': {
    resourceType: 'Linkage',
    item: [
      { type: 'source', resource: about },
      { type: 'alternate', resource: told },
    ],
  },
  'a MessageHeader': {
    resourceType: 'MessageHeader',
    eventUri: 'http://example.org/e',
    source: { endpoint: 'http://example.org/s' },
    focus: [told],
  },
  'a PaymentNotice': { ...notice, request: told },
  'a VerificationResult': {
    resourceType: 'VerificationResult',
    status: 'validated',
    target: [about],
  },
};

describe('what R4 leaves out of the patient compartment', () => {
  let number = 0;
  for (const [what, resource] of Object.entries(aboutA)) {
    it(`${what} is only for those who may see the patient`, async () => {
      number += 1;
      const type = String(resource['resourceType']);
      const path = `${type}/about-${number}`;
      await put({ ...resource, id: `about-${number}` });
      const seenBy = async (caller: Caller): Promise<readonly [number, number]> => {
        const { status } = await server.ask(caller, 'GET', path);
        const found = await server.ask(caller, 'GET', `${type}?_id=about-${number}`);
        return [status, (found.json() as { readonly total: number }).total];
      };
      assert.deepEqual(await seenBy(people.patientA), [200, 1]);
      assert.deepEqual(await seenBy(people.patientB), [404, 0]);
      assert.deepEqual(await seenBy(people.pharmacist), [404, 0]);
    });
  }

  it('concerns nobody when it is about nobody', async () => {
    await put({ ...task, id: 'ward', focus: { reference: 'Location/ward' } });
    await put({ resourceType: 'Device', id: 'pump', status: 'active' });
    for (const path of ['Task/ward', 'Device/pump']) {
      assert.equal((await server.ask(people.patientB, 'GET', path)).status, 200, path);
    }
    // Whoever says nothing of whom it is about may mean anybody.
    await put({ ...task, id: 'stock', description: 'Count what is in stock' });
    assert.equal((await server.ask(people.patientB, 'GET', 'Task/stock')).status, 404);
    assert.equal((await server.ask(people.doctor, 'GET', 'Task/stock')).status, 200);
  });
});

async function put(resource: Json): Promise<void> {
  const path = `${String(resource['resourceType'])}/${String(resource['id'])}`;
  const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
  assert.equal(answer.status, 201, answer.text);
}
