import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Caller, type TestApp } from '../support/app.ts';
import { consent, observation, patient, putsTo } from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'), observation('o', 'a', '1'));
  await put({ resourceType: 'Basic', id: 'gone', code: { text: 'x' } });
  assert.equal((await server.ask(people.ehr, 'DELETE', 'Basic/gone')).status, 204);
});
afterAll(() => server.close());

const told = { reference: 'Observation/o' };
const binary = (reference: string) => ({
  resourceType: 'Binary',
  contentType: 'text/plain',
  data: 'eA==',
  securityContext: { reference },
});
const task = { resourceType: 'Task', status: 'requested', intent: 'order' };
const provenance = {
  resourceType: 'Provenance',
  target: [told],
  recorded: '2020-01-01T00:00:00Z',
  agent: [{ who: { display: 'x' } }],
};

type Wrap = (resource: object) => Readonly<Record<string, unknown>>;
const collection: Wrap = (resource) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [{ resource }],
});
const parameters: Wrap = (resource) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'x', part: [{ name: 'y', resource }] }],
});
const CARRIERS: Readonly<Record<string, Wrap>> = {
  'a Bundle': collection,
  Parameters: parameters,
  'a Bundle in Parameters': (resource) => parameters(collection(resource)),
};

let number = 0;
/** Status of a read by each of them. */
async function seenBy(
  resource: Readonly<Record<string, unknown>>,
  callers: readonly Caller[],
): Promise<readonly number[]> {
  const { resourceType } = resource;
  const id = `whole-${(number += 1)}`;
  await put({ ...resource, resourceType: String(resourceType), id });
  return Promise.all(
    callers.map(
      async (caller) => (await server.ask(caller, 'GET', `${String(resourceType)}/${id}`)).status,
    ),
  );
}

const CONCERNED = [people.doctor, people.patientA, people.patientB, people.pharmacist];

describe('what is carried', () => {
  for (const [what, wrap] of Object.entries(CARRIERS)) {
    it(`by ${what} concerns whomever it would concern alone`, async () => {
      const aboutA = [binary('Patient/a'), binary('Observation/o'), provenance];
      for (const resource of [...aboutA, { ...task, focus: told }]) {
        const statuses = await seenBy(wrap(resource), CONCERNED);
        assert.deepEqual(statuses, [200, 200, 404, 404], JSON.stringify(resource));
      }
      // The positive control: what concerns nobody is everybody's.
      const room = { resourceType: 'Location', name: 'Room' };
      assert.deepEqual(await seenBy(wrap(room), CONCERNED), [200, 200, 200, 200]);
      assert.deepEqual(await seenBy(wrap(task), CONCERNED), [200, 404, 404, 404]);
    });

    it(`by ${what} may be no Binary whose context cannot be asked`, async () => {
      for (const context of [
        ...['Patient/none', 'DocumentReference/none', 'http://elsewhere.test/fhir/Patient/a'],
        ...['urn:uuid:c757873d-ec9a-4326-a141-556f43239520', 'Basic/gone', 'Binary/x', 'opaque'],
      ]) {
        const whole = wrap(binary(context));
        const answer = await server.ask(people.ehr, 'POST', String(whole['resourceType']), {
          body: JSON.stringify(whole),
        });
        assert.equal(answer.status, 422, `${context} ${answer.text}`);
        assert.match(answer.text, /securityContext/);
      }
    });
  }

  it('may be what the same transaction makes the context of', async () => {
    const document = {
      resourceType: 'DocumentReference',
      id: 'd',
      status: 'current',
      subject: { reference: 'Patient/a' },
      content: [{ attachment: { url: 'x' } }],
    };
    const entry = [
      { resource: document, request: { method: 'PUT', url: 'DocumentReference/d' } },
      {
        resource: { ...collection(binary('DocumentReference/d')), id: 'with' },
        request: { method: 'PUT', url: 'Bundle/with' },
      },
    ];
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
    const done = await server.ask(people.ehr, 'POST', '', { body });
    assert.equal(done.status, 200, done.text);
    assert.equal((await server.ask(people.patientA, 'GET', 'Bundle/with')).status, 200);
    assert.equal((await server.ask(people.patientB, 'GET', 'Bundle/with')).status, 404);
  });
});

const foreign = {
  ...consent('f', 'a', { type: 'permit' }),
  status: 'draft',
  patient: { reference: 'http://elsewhere.test/fhir/Patient/1' },
};
const list = (contained: object, more: object = {}) => ({
  resourceType: 'List',
  status: 'current',
  mode: 'working',
  contained: [contained],
  entry: [{ item: { reference: '#f' } }],
  ...more,
});
const placed = { ...foreign, patient: { reference: 'Patient/a' } };
const EVERYBODY = [people.otherDoctor, people.patientA, people.patientB, people.pharmacist];
const STAFF = [200, 404, 404, 404];

describe('a Consent that cannot be placed', () => {
  it('closes what carries it, whoever else that concerns', async () => {
    const ofB = { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: 'Patient/b' } };
    for (const resource of [foreign, list(foreign), { ...foreign, patient: undefined }]) {
      const bundle = collection(resource);
      const entry = [{ resource }, { resource: ofB }];
      assert.deepEqual(await seenBy(bundle, EVERYBODY), STAFF);
      assert.deepEqual(await seenBy({ ...bundle, entry }, EVERYBODY), STAFF);
      assert.deepEqual(await seenBy(parameters(bundle), EVERYBODY), STAFF);
    }
    const both = [{ resource: placed }, { resource: ofB }];
    assert.deepEqual(
      await seenBy({ ...collection({}), entry: both }, [people.otherDoctor, people.patientB]),
      [200, 404],
    );
    assert.deepEqual(await seenBy(collection(ofB), EVERYBODY), [200, 404, 200, 404]);
  });

  it('closes what contains it, and so does one of another patient than that', async () => {
    assert.deepEqual(await seenBy(list(foreign), EVERYBODY), STAFF);
    // What leads to one patient alone is hers.
    assert.deepEqual(await seenBy(list(placed), EVERYBODY), [200, 200, 404, 404]);
    const ofB = list(foreign, { subject: { reference: 'Patient/b' } });
    assert.deepEqual(await seenBy(ofB, EVERYBODY), STAFF);
    const ofA = list(placed, { subject: { reference: 'Patient/a' } });
    assert.deepEqual(await seenBy(ofA, EVERYBODY), [200, 200, 404, 404]);
  });

  it('keeps no Consent that contains it from being in force', async () => {
    const pharmacy = { reference: { reference: 'Organization/pharmacy' } };
    const role = { coding: [{ code: 'IRCP', system: ROLES }] };
    const permit = { type: 'permit', actor: [{ ...pharmacy, role }] };
    const active = { ...consent('in-force', 'a', permit), contained: [foreign] };
    const statusOf = async () => (await server.ask(people.pharmacist, 'GET', 'Patient/a')).status;
    assert.equal(await statusOf(), 404);
    const text = { ...consent('in-force', 'a', permit), sourceReference: { reference: '#f' } };
    for (const alone of [true, false]) {
      const resource = { ...active, ...text, contained: [foreign] };
      const entry = [{ resource, request: { method: 'PUT', url: 'Consent/in-force' } }];
      const whole = { resourceType: 'Bundle', type: 'transaction', entry };
      const body = JSON.stringify(alone ? resource : whole);
      const done = await (alone
        ? server.ask(people.ehr, 'PUT', 'Consent/in-force', { body })
        : server.ask(people.ehr, 'POST', '', { body }));
      assert.ok([200, 201].includes(done.status), done.text);
      assert.equal(await statusOf(), 200);
      assert.equal((await server.ask(people.ehr, 'DELETE', 'Consent/in-force')).status, 204);
      assert.equal(await statusOf(), 404);
    }
  });
});

const ROLES = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
