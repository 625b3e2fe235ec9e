import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  labelled,
  patient,
  putsTo,
} from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
const as = (caller: Caller, path: string) => server.ask(caller, 'GET', path);

const permit = { type: 'permit', actor: actor('Organization/pharmacy') };
const documentOf = (of: string) => ({
  resourceType: 'DocumentReference',
  id: 'scan',
  status: 'current',
  subject: { reference: `Patient/${of}` },
  content: [{ attachment: { url: 'Binary/scan' } }],
});
const binary = (id: string, context: string) => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  data: 'eA==',
  securityContext: { reference: context },
});

beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'), consent('a', 'a', permit));
  await put(documentOf('a'), binary('scan', 'DocumentReference/scan'));
});
afterAll(() => server.close());

/** What a caller learns of Binaries, in every way there is to learn of them. */
async function learnt(caller: Caller): Promise<readonly number[]> {
  const counts = await Promise.all(
    ['Binary?_summary=count', 'Binary?_total=accurate', '?_type=Binary,Patient&_summary=count'].map(
      async (path) => (await as(caller, path)).json()['total'] as number,
    ),
  );
  const history = entriesOf(await as(caller, 'Binary/_history')).length;
  const read = (await as(caller, 'Binary/scan')).status === 200 ? 1 : 0;
  return [...counts, idsOf(await as(caller, 'Binary')).length, history, read];
}

describe('a Binary whose security context', () => {
  it('is permitted is counted and shown', async () => {
    assert.deepEqual(await learnt(people.doctor), [1, 1, 3, 1, 1, 1]);
    assert.deepEqual(await learnt(people.pharmacist), [1, 1, 2, 1, 1, 1]);
  });

  it('becomes too confidential is neither, from then on', async () => {
    await put(labelled(documentOf('a'), 'R'));
    assert.deepEqual(await learnt(people.doctor), [0, 0, 2, 0, 0, 0]);
    // Her permit says nothing of labels.
    assert.deepEqual(await learnt(people.pharmacist), [1, 1, 2, 1, 1, 1]);
    await put(documentOf('a'));
    assert.deepEqual(await learnt(people.doctor), [1, 1, 3, 1, 1, 1]);
  });

  it('becomes that of another patient is also up to that one', async () => {
    await put(documentOf('b'));
    assert.deepEqual(await learnt(people.pharmacist), [0, 0, 1, 0, 0, 0]);
    assert.deepEqual(await learnt(people.doctor), [1, 1, 3, 1, 1, 1]);
    await put(documentOf('a'));
    assert.deepEqual(await learnt(people.pharmacist), [1, 1, 2, 1, 1, 1]);
  });

  it('is of a type that consent denies follows that, not its own', async () => {
    const denied = {
      type: 'permit',
      actor: actor('Organization/pharmacy'),
      provision: [
        {
          type: 'deny',
          class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'DocumentReference' }],
        },
      ],
    };
    await put(consent('a', 'a', denied));
    assert.deepEqual(await learnt(people.pharmacist), [0, 0, 1, 0, 0, 0]);
    await put(consent('a', 'a', permit));
    assert.deepEqual(await learnt(people.pharmacist), [1, 1, 2, 1, 1, 1]);
  });

  it('is deleted is for nobody, until it names another', async () => {
    assert.equal((await server.ask(people.ehr, 'DELETE', 'DocumentReference/scan')).status, 204);
    for (const caller of [people.doctor, people.pharmacist, people.ehr])
      assert.deepEqual((await learnt(caller)).slice(3), [0, 0, 0]);
    await put(binary('scan', 'Patient/a'));
    assert.deepEqual((await learnt(people.doctor)).slice(3), [1, 1, 1]);
  });

  it('would be another Binary is refused', async () => {
    const body = JSON.stringify(binary('twice', 'Binary/scan'));
    const answer = await server.ask(people.ehr, 'PUT', 'Binary/twice', { body });
    assert.equal(answer.status, 422, answer.text);
  });

  it('is too confidential cannot be told of by its deletion, or by what leads to it', async () => {
    await put(labelled(documentOf('a'), 'R'), binary('scan', 'DocumentReference/scan'));
    await put({
      resourceType: 'Provenance',
      id: 'of-scan',
      target: [{ reference: 'Binary/scan' }],
      recorded: '2020-01-01T00:00:00Z',
      agent: [{ who: { reference: 'Patient/a' } }],
    });
    const chained = 'Provenance?target:Binary._lastUpdated=gt2000';
    assert.deepEqual(idsOf(await as(people.doctor, chained)), []);
    assert.deepEqual(idsOf(await as(people.doctor, 'Provenance?target=Binary/scan')), ['of-scan']);
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Binary/scan')).status, 204);
    // The version that stood under the patient alone is not told of either: a more confidential one replaced it.
    assert.equal(entriesOf(await as(people.doctor, 'Binary/_history')).length, 0);
    assert.ok(entriesOf(await as(people.patientA, 'Binary/_history')).length > 1);
    assert.notEqual((await as(people.doctor, 'Binary/scan')).status, 410);
  });
});
