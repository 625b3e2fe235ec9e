import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { observation, patient, putsTo } from '../support/clinical-samples.ts';

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

let server: TestApp;
const put = putsTo(() => server);
const { ask } = requestsOf(() => server);
beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'));
});
afterAll(() => server.close());

const again = async (caller: Caller, path: string, resource: object): Promise<number> => {
  assert.equal((await ask(people.doctor, 'DELETE', path)).status, 204);
  return (await ask(caller, 'PUT', path, resource)).status;
};

describe('a resource that was deleted', () => {
  it('and held others is deleted once more, and written again', async () => {
    const holding = {
      ...observation('holding', 'a', '1'),
      contained: [{ resourceType: 'Specimen', id: 's', subject: { reference: 'Patient/a' } }],
      specimen: { reference: '#s' },
    };
    await put(holding);
    for (const caller of [people.doctor, people.ehr]) {
      assert.equal((await ask(caller, 'DELETE', 'Observation/holding')).status, 204);
      assert.equal((await ask(caller, 'DELETE', 'Observation/holding')).status, 204);
      assert.equal((await ask(caller, 'PUT', 'Observation/holding', holding)).status, 201);
    }
  });

  it('is taken from its patient by systems and administration only', async () => {
    await put(observation('moved', 'a', '1'));
    const ofB = observation('moved', 'b', '1');
    assert.equal(await again(people.doctor, 'Observation/moved', ofB), 403);
    assert.equal(
      (await ask(people.doctor, 'PUT', 'Observation/moved', observation('moved', 'a', '1'))).status,
      201,
    );
    assert.equal(await again(people.ehr, 'Observation/moved', ofB), 201);
  });

  it('comes back with the labels that it had', async () => {
    const plain = observation('labelled', 'a', '1');
    const labelled = { ...plain, meta: { security: [{ system: ACT_CODE, code: 'HIV' }] } };
    await put(labelled);
    assert.equal(await again(people.doctor, 'Observation/labelled', plain), 403);
    assert.equal((await ask(people.doctor, 'PUT', 'Observation/labelled', labelled)).status, 201);
    assert.equal(await again(people.ehr, 'Observation/labelled', plain), 201);
  });
});

describe('a Consent that a Bundle holds', () => {
  it('is no change of Consents', async () => {
    const consent = {
      resourceType: 'Consent',
      status: 'active',
      scope: { text: 'privacy' },
      category: [{ text: 'privacy' }],
      patient: { reference: 'Patient/a' },
      policyRule: { text: 'opt in' },
    };
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:uuid:5b1b2bd6-3b9c-4f0e-9b1d-1f2d3c4b5a69', resource: consent }],
    };
    assert.equal((await ask(people.doctor, 'POST', 'Bundle', bundle)).status, 201);
    assert.equal((await ask(people.doctor, 'POST', 'Consent', consent)).status, 403);
  });
});
