import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { BASE, people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  observation,
  patient,
  putsTo,
  type Resource,
} from '../support/clinical-samples.ts';

const permit = { type: 'permit', actor: actor('Organization/pharmacy') };
const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';
const scoped = (code: string) => ({ scope: { coding: [{ system: SCOPE, code }] } });

const URN = { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' };

/** Whose it is cannot be told here. */
const FOREIGN: Readonly<Record<string, object | null>> = {
  'a Patient of another server': { reference: 'http://elsewhere.test/fhir/Patient/a' },
  'a urn': URN,
  'an identifier': { identifier: { system: 'urn:x', value: '1' } },
  'a name': { display: 'Ahorn' },
  'a contained patient': { reference: '#p' },
  nobody: null,
};
const IDLE: Readonly<Record<string, object>> = {
  draft: { status: 'draft' },
  proposed: { status: 'proposed' },
  rejected: { status: 'rejected' },
  inactive: { status: 'inactive' },
  'entered in error': { status: 'entered-in-error' },
  'an advance directive': scoped('adr'),
  'consent to treatment': scoped('treatment'),
};

let server: TestApp;
const put = putsTo(() => server);
const { ask, statusOf } = requestsOf(() => server);

/** A permit for the pharmacy that would open everything, if it were of any patient here. */
const unplaced = (
  id: string,
  more: object = { status: 'draft' },
  of: object | null = URN,
): Resource => {
  const rest = { ...consent(id, 'a', permit), patient: undefined };
  return { ...rest, ...(of === null ? {} : { patient: of }), ...contained(of), ...more };
};
const contained = (of: object | null) =>
  of !== null && 'reference' in of && of.reference === '#p'
    ? { contained: [{ resourceType: 'Patient', id: 'p' }] }
    : {};

const OUTSIDERS: readonly Caller[] = [
  people.patientA,
  people.patientB,
  people.pharmacist,
  people.auditor,
];

beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'), observation('o', 'a', '1'));
});
afterAll(() => server.close());

describe('a Consent that governs nothing, and whose patient is not here', () => {
  /** Of the ledger's decisions nothing may change, whatever is stored. */
  const decisions = () =>
    Promise.all(
      [people.pharmacist, people.doctor].map((caller) => statusOf(caller, 'Observation/o')),
    );

  for (const [why, more] of Object.entries(IDLE)) {
    it(`is kept, as it is ${why}, and decides nothing`, async () => {
      for (const of of Object.values(FOREIGN)) {
        await put(unplaced('idle', more, of));
        assert.deepEqual(await decisions(), [404, 200]);
        assert.deepEqual(
          (await ask(people.ehr, 'GET', 'Consent/idle')).json()['patient'] ?? null,
          of,
        );
      }
    });
  }

  it('is refused when it is in force, or may be', async () => {
    for (const [what, of] of Object.entries(FOREIGN)) {
      for (const more of [{}, scoped('research')]) {
        const answer = await ask(people.ehr, 'PUT', 'Consent/active', unplaced('active', more, of));
        assert.equal(answer.status, 422, `${what}: ${answer.text}`);
        assert.match(answer.text, /"Consent\.patient"/, what);
      }
    }
    const unknown = unplaced('active', { scope: { text: 'privacy' } });
    const answer = await ask(people.ehr, 'PUT', 'Consent/active', unknown);
    assert.equal(answer.status, 422);
    assert.match(answer.text, /"Consent\.scope"/);
  });

  it('is refused when its patient may be here, by a reference that does not tell', async () => {
    for (const reference of ['Patient?identifier=x', '#', `${BASE}/Patient/a/`]) {
      const answer = await ask(
        people.ehr,
        'PUT',
        'Consent/odd',
        unplaced('odd', { status: 'draft' }, { reference }),
      );
      assert.equal(answer.status, 422, answer.text);
      assert.match(answer.text, /"Consent\.patient\.reference"/);
    }
  });

  it('is judged as what it becomes', async () => {
    await put(unplaced('later'));
    const activate = [{ op: 'replace', path: '/status', value: 'active' }];
    const patched = await ask(people.ehr, 'PATCH', 'Consent/later', activate, {
      'content-type': 'application/json-patch+json',
    });
    assert.equal(patched.status, 422, patched.text);
    assert.equal(
      (await ask(people.ehr, 'PUT', 'Consent/later', unplaced('later', {}))).status,
      422,
    );
    assert.deepEqual(await decisions(), [404, 200]);
    // The positive control: of a patient who is here it is in force at once.
    await put(consent('later', 'a', permit));
    assert.deepEqual(await decisions(), [200, 200]);
    // And what is in force cannot become one that is nobody's without being withdrawn.
    const moved = await ask(people.ehr, 'PUT', 'Consent/later', unplaced('later'));
    assert.equal(moved.status, 422, moved.text);
    assert.deepEqual(await decisions(), [200, 200]);
    assert.equal((await ask(people.ehr, 'DELETE', 'Consent/later')).status, 204);
    assert.deepEqual(await decisions(), [404, 200]);
    await put(unplaced('later'));
    assert.deepEqual(await decisions(), [404, 200]);
  });

  it("does not take a place in the patient's consents by a transaction either", async () => {
    const entry = [
      consent('with', 'a', permit),
      unplaced('beside'),
      unplaced('adr', scoped('adr')),
    ].map((resource) => ({ resource, request: { method: 'PUT', url: `Consent/${resource.id}` } }));
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    const done = await ask(people.ehr, 'POST', '', bundle);
    assert.equal(done.status, 200, done.text);
    assert.deepEqual(await decisions(), [200, 200]);
    await put({ ...consent('with', 'a', permit), status: 'inactive' });
    assert.deepEqual(await decisions(), [404, 200]);
    const alone = { ...bundle, entry: entry.slice(1) };
    assert.equal((await ask(people.ehr, 'POST', '', alone)).status, 200);
    const active = { ...bundle, entry: [{ ...entry[1], resource: unplaced('beside', {}) }] };
    assert.equal((await ask(people.ehr, 'POST', '', active)).status, 422);
    assert.deepEqual(await decisions(), [404, 200]);
    assert.deepEqual(idsOf(await ask(people.ehr, 'GET', 'Consent?_id=beside,adr')), [
      'adr',
      'beside',
    ]);
  });

  it('stays out of force when others change it at the same time', async () => {
    await put(unplaced('race'));
    const writes = Array.from({ length: 12 }, (_, i) =>
      ask(
        people.ehr,
        'PUT',
        'Consent/race',
        i % 2 === 0 ? unplaced('race') : consent('race', 'b', permit),
      ),
    );
    await Promise.all(writes);
    const now = (await ask(people.ehr, 'GET', 'Consent/race')).json();
    assert.equal(now['status'], 'active');
    assert.equal(await statusOf(people.pharmacist, 'Patient/b'), 200);
    assert.equal((await ask(people.ehr, 'DELETE', 'Consent/race')).status, 204);
    assert.equal(await statusOf(people.pharmacist, 'Patient/b'), 404);
  });
});

describe('who may read a Consent', () => {
  beforeEach(() => put(unplaced('foreign')));

  const learnt = async (caller: Caller) => {
    const counts = await Promise.all(
      [
        'Consent?_id=foreign&_summary=count',
        'Consent?_id=foreign',
        '?_type=Consent&_id=foreign',
      ].map(async (path) => (await ask(caller, 'GET', path)).json()['total']),
    );
    const history = entriesOf(await ask(caller, 'GET', 'Consent/_history')).filter(
      (entry) => (entry as Partial<typeof entry>).resource?.id === 'foreign',
    );
    return [...counts, history.length > 0, await statusOf(caller, 'Consent/foreign')];
  };

  it("of a patient who is not here: the custodian's own staff", async () => {
    for (const caller of [people.ehr, people.doctor, people.otherDoctor]) {
      assert.deepEqual(await learnt(caller), [1, 1, 1, true, 200]);
    }
    for (const caller of OUTSIDERS) {
      assert.deepEqual(await learnt(caller), [0, 0, 0, false, 404], caller.role);
      for (const path of ['Consent/foreign/_history/1', 'Consent/foreign/_history']) {
        assert.equal(await statusOf(caller, path), 404, path);
      }
    }
  });

  it('not whoever has a consent of another patient, or asks by a chain or an inclusion', async () => {
    const source = {
      resourceType: 'Provenance',
      id: 'of-foreign',
      recorded: '2020-01-01T00:00:00Z',
    };
    await put(consent('of-a', 'a', permit), {
      ...source,
      target: [{ reference: 'Consent/foreign' }],
      agent: [{ who: { reference: 'Practitioner/p' } }],
    });
    assert.equal(await statusOf(people.pharmacist, 'Observation/o'), 200);
    assert.deepEqual((await learnt(people.pharmacist)).slice(-1), [404]);
    for (const path of [
      'Provenance?target:Consent.status=draft',
      'Provenance?_id=of-foreign&_include=Provenance:target',
      'Provenance/of-foreign',
    ]) {
      const mine = await ask(people.ehr, 'GET', path);
      assert.match(mine.text, /of-foreign/, path);
      const theirs = await ask(people.pharmacist, 'GET', path);
      assert.doesNotMatch(theirs.text, /of-foreign"|"foreign"/, path);
    }
    assert.equal((await ask(people.ehr, 'DELETE', 'Consent/of-a')).status, 204);
  });

  it('of a patient who is here: as any other of hers', async () => {
    await put({ ...consent('hers', 'a', permit), status: 'draft' });
    for (const [caller, status] of [
      [people.patientA, 200],
      [people.doctor, 200],
      [people.patientB, 404],
      [people.pharmacist, 404],
    ] as const) {
      assert.equal(await statusOf(caller, 'Consent/hers'), status, caller.role);
    }
  });

  it('of nobody, inside of a Bundle or as what stands for a Binary: own staff as well', async () => {
    await put(
      {
        resourceType: 'Bundle',
        id: 'carries',
        type: 'collection',
        entry: [{ resource: unplaced('in') }],
      },
      {
        resourceType: 'Binary',
        id: 'scan',
        contentType: 'text/plain',
        data: 'eA==',
        securityContext: { reference: 'Consent/foreign' },
      },
    );
    for (const path of ['Bundle/carries', 'Binary/scan']) {
      assert.equal(await statusOf(people.doctor, path), 200, path);
      for (const caller of OUTSIDERS) assert.equal(await statusOf(caller, path), 404, path);
    }
  });

  it('and nobody else may change it, or learn by trying that it is there', async () => {
    const mine = { ...consent('foreign', 'b', permit) };
    const add = [{ op: 'add', path: '/language', value: 'de' }];
    const json = { 'content-type': 'application/json-patch+json' };
    for (const caller of [people.patientB, people.pharmacist]) {
      assert.equal((await ask(caller, 'PUT', 'Consent/foreign', mine)).status, 404);
      for (const id of ['foreign', 'absent']) {
        assert.equal((await ask(caller, 'PATCH', `Consent/${id}`, add, json)).status, 404, id);
        assert.equal((await ask(caller, 'DELETE', `Consent/${id}`)).status, 403, id);
      }
      assert.equal((await ask(caller, 'PUT', 'Consent/new', unplaced('new'))).status, 404);
    }
    assert.equal((await ask(people.doctor, 'PATCH', 'Consent/foreign', add, json)).status, 403);
    assert.equal((await ask(people.doctor, 'DELETE', 'Consent/foreign')).status, 403);
    assert.equal((await ask(people.ehr, 'PATCH', 'Consent/foreign', add, json)).status, 200);
    assert.equal((await ask(people.ehr, 'DELETE', 'Consent/foreign')).status, 204);
    for (const caller of OUTSIDERS) assert.equal(await statusOf(caller, 'Consent/foreign'), 404);
    assert.equal(await statusOf(people.doctor, 'Consent/foreign'), 410);
  });
});

describe('who may read a Consent of a patient who is not here, where policy lets everybody read', () => {
  let open: TestApp;
  beforeAll(async () => {
    open = await startApp({ CHARTSEAL_POLICY: 'all-normal' });
    const puts = putsTo(() => open);
    await puts(patient('a', 'Ahorn'), observation('o', 'a', '1'), unplaced('foreign'));
    await puts({
      resourceType: 'Binary',
      id: 'closed',
      contentType: 'text/plain',
      securityContext: { reference: 'DocumentReference/none' },
    });
  });
  afterAll(() => open.close());

  it('is still own staff alone', async () => {
    for (const caller of [people.ehr, people.doctor, people.pharmacist, people.patientA]) {
      const own = caller === people.ehr || caller === people.doctor;
      const answer = await open.ask(caller, 'GET', 'Observation/o');
      assert.equal(answer.status, 200, caller.role);
      assert.equal((await open.ask(caller, 'GET', 'Consent/foreign')).status, own ? 200 : 404);
      const found = await open.ask(caller, 'GET', 'Consent?_summary=count');
      assert.equal(found.json()['total'], own ? 1 : 0, caller.role);
      const history = entriesOf(await open.ask(caller, 'GET', 'Consent/_history'));
      assert.equal(history.length, own ? 1 : 0);
      const closed = await open.ask(caller, 'GET', 'Binary/closed');
      assert.equal(closed.status === 200, caller === people.ehr, closed.text);
    }
  });
});
