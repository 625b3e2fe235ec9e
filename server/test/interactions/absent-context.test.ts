import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  entriesOf,
  idsOf,
  labelled,
  patient,
  putsTo,
  consent,
  actor,
} from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
const { ask, statusOf } = requestsOf(() => server);
const binary = (id: string, context: object) => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  data: 'eA==',
  securityContext: context,
});
const documentOf = (id: string, of: string) => ({
  resourceType: 'DocumentReference',
  id,
  status: 'current',
  subject: { reference: `Patient/${of}` },
  content: [{ attachment: { url: `Binary/${id}` } }],
});

const OTHERS: readonly Caller[] = [
  people.otherDoctor,
  people.patientA,
  people.patientB,
  people.pharmacist,
  people.auditor,
];

beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'));
});
afterAll(() => server.close());

describe('a Binary whose security context is not here', () => {
  const contexts: Readonly<Record<string, object>> = {
    'a document that never came': { reference: 'DocumentReference/none' },
    'a Patient that never came': { reference: 'Patient/none' },
    'a resource of another server': { reference: 'http://elsewhere.test/fhir/Patient/a' },
    'a urn': { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' },
    'an identifier': { identifier: { system: 'urn:x', value: '1' } },
    'a name': { display: 'Ahorn' },
  };
  let number = 0;
  for (const [what, context] of Object.entries(contexts)) {
    it(`but ${what} is for its writer and the custodian's own systems`, async () => {
      number += 1;
      const path = `Binary/kept-${number}`;
      const made = await ask(people.doctor, 'PUT', path, binary(`kept-${number}`, context));
      assert.equal(made.status, 201, made.text);
      for (const caller of [people.ehr, people.doctor]) {
        for (const each of [path, `${path}/_history/1`, `${path}/_history`]) {
          assert.equal(await statusOf(caller, each), 200, each);
        }
      }
      for (const caller of OTHERS) {
        for (const each of [path, `${path}/_history/1`, `${path}/_history`]) {
          assert.ok([403, 404].includes(await statusOf(caller, each)), `${caller.role} ${each}`);
        }
        const found = await ask(caller, 'GET', `Binary?_id=kept-${number}`);
        assert.equal(found.json()['total'], 0);
        const history = entriesOf(await ask(caller, 'GET', 'Binary/_history'));
        assert.ok(
          !history.some(
            (entry) => (entry as Partial<typeof entry>).resource?.id === `kept-${number}`,
          ),
        );
      }
    });
  }

  it("is for the systems alone where its writer is one, or another version is another's", async () => {
    await put(binary('system', { reference: 'DocumentReference/none' }));
    assert.equal(await statusOf(people.ehr, 'Binary/system'), 200);
    for (const caller of [people.doctor, ...OTHERS]) {
      assert.ok([403, 404].includes(await statusOf(caller, 'Binary/system')), caller.role);
    }
    const mine = binary('mine', { reference: 'DocumentReference/none' });
    assert.equal((await ask(people.doctor, 'PUT', 'Binary/mine', mine)).status, 201);
    await put(mine);
    assert.equal(await statusOf(people.doctor, 'Binary/mine'), 403);
    // What closes the current version closes those before it.
    assert.equal(await statusOf(people.doctor, 'Binary/mine/_history/1'), 403);
    assert.equal(await statusOf(people.ehr, 'Binary/mine/_history/1'), 200);
    assert.equal(await statusOf(people.otherDoctor, 'Binary/mine/_history/1'), 403);
  });

  it('is changed by these alone, so that nobody opens it by taking the context away', async () => {
    const path = 'Binary/fixed';
    const json = { 'content-type': 'application/json-patch+json' };
    const open = [{ op: 'remove', path: '/securityContext' }];
    const kept = binary('fixed', { reference: 'DocumentReference/none' });
    assert.equal((await ask(people.doctor, 'PUT', path, kept)).status, 201);
    const bare = { ...kept, securityContext: undefined };
    for (const [caller, status] of [
      [people.otherDoctor, 403],
      [people.patientB, 404],
      [people.pharmacist, 404],
    ] as const) {
      assert.equal((await ask(caller, 'PATCH', path, open, json)).status, status);
      assert.equal((await ask(caller, 'PUT', path, bare)).status, 403);
      assert.equal((await ask(caller, 'DELETE', path)).status, 403);
    }
    const moved = { ...kept, securityContext: { reference: 'Patient/a' } };
    assert.equal((await ask(people.doctor, 'PUT', path, moved)).status, 200);
    assert.equal(await statusOf(people.patientA, path), 200);
    assert.equal(await statusOf(people.patientB, path), 404);
  });

  it('answers nobody else by conditions, patches or operations, and its deletion does not', async () => {
    const json = { 'content-type': 'application/json-patch+json' };
    const test = (value: string) => [{ op: 'test', path: '/data', value }];
    const meta = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'none' }] } }],
    };
    const asking = (id: string) =>
      [
        ['PUT', `Binary/${id}`, binary(id, { reference: 'Patient/a' }), { 'if-match': 'W/"77"' }],
        ['DELETE', `Binary/${id}`, undefined, { 'if-match': 'W/"77"' }],
        ['PATCH', `Binary/${id}`, test('eA=='), json],
        ['PATCH', `Binary/${id}`, test('eQ=='), json],
        ['PATCH', `Binary/${id}`, test('eA=='), { ...json, 'if-match': 'W/"77"' }],
        ['POST', `Binary/${id}/$meta-delete`, meta, {}],
        ['POST', `Binary/${id}/$meta-add`, meta, {}],
      ] as const;
    const answers = (caller: Caller, id: string) =>
      Promise.all(
        asking(id).map(async ([method, path, body, headers]) => {
          const answer = await server.ask(caller, method, path, {
            headers,
            ...(body && { body: JSON.stringify(body) }),
          });
          assert.ok(!answer.text.includes('W/') || caller !== people.otherDoctor, answer.text);
          assert.ok(answer.headers['etag'] === undefined || caller !== people.otherDoctor);
          return answer.status;
        }),
      );
    for (const id of ['asked', 'asked-gone']) {
      const kept = binary(id, { reference: 'DocumentReference/none' });
      assert.equal((await ask(people.doctor, 'PUT', `Binary/${id}`, kept)).status, 201);
      if (id === 'asked-gone') {
        assert.equal((await ask(people.doctor, 'DELETE', `Binary/${id}`)).status, 204);
      }
      assert.deepEqual(await answers(people.otherDoctor, id), [403, 403, 403, 403, 403, 403, 403]);
    }
    assert.deepEqual(
      await answers(people.doctor, 'asked-gone'),
      [412, 412, 410, 410, 410, 410, 410],
    );
    const kept = await answers(people.doctor, 'asked');
    assert.deepEqual(kept, [412, 412, 200, 422, 412, 200, 200]);
  });

  it('tells of itself to no more by what tells of it, or by its deletion', async () => {
    const provenance = {
      resourceType: 'Provenance',
      recorded: '2020-01-01T00:00:00Z',
      agent: [{ who: { reference: 'Practitioner/p' } }],
    };
    const kept = binary('told', { reference: 'DocumentReference/none' });
    const made = await ask(people.doctor, 'PUT', 'Binary/told', kept, {
      'x-provenance': JSON.stringify(provenance),
    });
    assert.equal(made.status, 201, made.text);
    const found = 'Provenance?target=Binary/told';
    assert.equal(idsOf(await ask(people.ehr, 'GET', found)).length, 1);
    for (const caller of [people.patientA, people.pharmacist]) {
      assert.equal(idsOf(await ask(caller, 'GET', found)).length, 0);
    }
    assert.equal((await ask(people.doctor, 'DELETE', 'Binary/told')).status, 204);
    assert.equal(await statusOf(people.doctor, 'Binary/told'), 410);
    assert.notEqual(await statusOf(people.otherDoctor, 'Binary/told'), 410);
    assert.equal(await statusOf(people.patientA, 'Binary/told'), 404);
  });

  it('may come in a transaction, with consents too', async () => {
    const entry = [
      {
        resource: binary('x', { reference: 'DocumentReference/none' }),
        request: { method: 'POST', url: 'Binary' },
      },
      {
        resource: consent('t', 'b', { type: 'permit', actor: actor('Organization/pharmacy') }),
        request: { method: 'PUT', url: 'Consent/t' },
      },
    ];
    for (const some of [entry.slice(0, 1), entry]) {
      const bundle = { resourceType: 'Bundle', type: 'transaction', entry: some };
      const done = await ask(people.doctor, 'POST', '', bundle);
      assert.equal(done.status, 200, done.text);
      const { entry: [first] = [] } = done.json() as {
        entry?: readonly { response: { location: string } }[];
      };
      const path = first?.response.location.replace(/^.*\/fhir\//, '') ?? '';
      assert.equal(await statusOf(people.doctor, path), 200);
      assert.equal(await statusOf(people.otherDoctor, path), 403);
    }
  });

  it('is decided by the context from when it is written again, once that is here', async () => {
    await put(binary('late', { reference: 'DocumentReference/late' }));
    assert.equal(await statusOf(people.doctor, 'Binary/late'), 403);
    await put(documentOf('late', 'a'));
    assert.equal(await statusOf(people.doctor, 'Binary/late'), 403);
    await put(binary('late', { reference: 'DocumentReference/late' }));
    for (const [caller, status] of [
      [people.ehr, 200],
      [people.doctor, 200],
      [people.patientA, 200],
      [people.patientB, 404],
      [people.pharmacist, 404],
    ] as const) {
      assert.equal(await statusOf(caller, 'Binary/late'), status, caller.role);
      assert.equal(await statusOf(caller, 'Binary/late/_history/2'), status, caller.role);
      const first = await statusOf(caller, 'Binary/late/_history/1');
      assert.equal(first === 200, caller === people.ehr, caller.role);
    }
    assert.deepEqual(idsOf(await ask(people.doctor, 'GET', 'Binary?_id=late')), ['late']);
    const classed = (code: string) => ({
      type: 'permit',
      actor: actor('Organization/pharmacy'),
      class: [{ system: 'http://hl7.org/fhir/resource-types', code }],
    });
    await put(consent('late', 'a', classed('DocumentReference')));
    assert.equal(await statusOf(people.pharmacist, 'DocumentReference/late'), 200);
    assert.equal(await statusOf(people.pharmacist, 'Binary/late'), 404);
    await put(consent('late', 'a', { type: 'permit', actor: actor('Organization/pharmacy') }));
    assert.equal(await statusOf(people.pharmacist, 'Binary/late'), 200);
    await put(labelled(documentOf('late', 'a'), 'R'));
    assert.equal(await statusOf(people.doctor, 'Binary/late'), 403);
    // Her access log tells who saw it.
    const log = await ask(people.patientA, 'GET', 'Patient/a/$access-log');
    assert.match(log.text, /Binary\/late/);
    assert.equal((await ask(people.ehr, 'DELETE', 'DocumentReference/late')).status, 204);
    assert.notEqual(await statusOf(people.ehr, 'Binary/late'), 200);
  });
});
