import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  linkOf,
  observation,
  patient,
  putsTo,
  type Resource,
} from '../support/clinical-samples.ts';

const OURS = 'urn:oid:1.2.3';
const bare = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const permit = { type: 'permit', actor: actor('Organization/pharmacy') };
const encounter = (id: string, more: object): Resource => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code: 'AMB' },
  ...more,
});
const task = (id: string, focus: string): Resource => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  focus: { reference: focus },
});

let server: TestApp;
const put = putsTo(() => server);
const { ask, statusOf } = requestsOf(() => server);

beforeAll(async () => {
  server = await startApp({ CHARTSEAL_PATIENT_IDENTIFIER_SYSTEMS: OURS });
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'), consent('lets', 'a', permit));
});
afterAll(() => server.close());

const seen = (path: string) =>
  Promise.all(
    [people.ehr, people.patientA, people.pharmacist, people.patientB].map((caller) =>
      statusOf(caller, path),
    ),
  );
const NOT_YET = [200, 404, 404, 404];
const OF_A = [200, 200, 200, 404];

describe('what is unassigned until something comes', () => {
  it('is owned when its encounter comes, with its history, and found by searches', async () => {
    await put({ ...bare, id: 'early', encounter: { reference: 'Encounter/late' } });
    await put({
      ...bare,
      id: 'early',
      status: 'amended',
      encounter: { reference: 'Encounter/late' },
    });
    assert.deepEqual(await seen('Observation/early'), NOT_YET);
    await put(encounter('late', { subject: { reference: 'Patient/a' } }));
    for (const path of ['', '/_history/1', '/_history/2']) {
      assert.deepEqual(await seen(`Observation/early${path}`), OF_A, path);
    }
    assert.deepEqual(idsOf(await ask(people.pharmacist, 'GET', 'Observation?_id=early')), [
      'early',
    ]);
    const history = await ask(people.pharmacist, 'GET', 'Observation/_history');
    assert.equal(entriesOf(history).length, 2);
    assert.deepEqual(idsOf(await ask(people.patientB, 'GET', 'Observation')), []);
    assert.deepEqual(idsOf(await ask(people.ehr, 'GET', '$unassigned?_type=Observation')), []);
  });

  it('is owned by what systems and administration bring, and stays closed with what others do', async () => {
    await put({ ...bare, id: 'taken', encounter: { reference: 'Encounter/brought' } });
    const brought = encounter('brought', { subject: { reference: 'Patient/a' } });
    const path = 'Encounter/brought';
    assert.equal((await ask(people.doctor, 'PUT', path, brought)).status, 201);
    assert.deepEqual(await seen('Observation/taken'), NOT_YET);
    assert.equal((await ask(people.ehr, 'PUT', path, brought)).status, 200);
    assert.deepEqual(await seen('Observation/taken'), OF_A);
  });

  it('does not become everybody’s by a thing that comes', async () => {
    await put({ ...bare, id: 'of-thing', subject: { reference: 'Device/thing' } });
    for (const caller of [people.doctor, people.ehr]) {
      const { status } = await ask(caller, 'PUT', 'Device/thing', {
        resourceType: 'Device',
        id: 'thing',
      });
      assert.ok([200, 201].includes(status));
      assert.deepEqual(await seen('Observation/of-thing'), NOT_YET);
    }
  });

  it('is owned when the thing that it is about is given to a patient', async () => {
    const device = { resourceType: 'Device', id: 'pump' };
    const group = { resourceType: 'Group', id: 'ward', type: 'person', actual: true };
    await put(device, group);
    for (const [id, thing] of [
      ['of-pump', 'Device/pump'],
      ['of-ward', 'Group/ward'],
    ] as const) {
      await put({ ...bare, id, subject: { reference: thing } });
      assert.deepEqual(await seen(`Observation/${id}`), NOT_YET, thing);
    }
    const reference = 'Patient/a';
    await put({ ...device, patient: { reference } });
    await put({ ...group, member: [{ entity: { reference } }] });
    for (const id of ['of-pump', 'of-ward']) {
      assert.deepEqual(await seen(`Observation/${id}`), OF_A, id);
    }
    // A place is no thing of a patient's: what is measured there is everybody's.
    await put({ ...bare, id: 'of-place', subject: { reference: 'Location/x' } });
    assert.deepEqual(await seen('Observation/of-place'), [200, 200, 200, 200]);
  });

  it('is owned along a chain, whichever end comes last', async () => {
    await put(
      task('one', 'Task/two'),
      task('two', 'Task/three'),
      task('three', 'Observation/last'),
    );
    for (const id of ['one', 'two', 'three']) assert.deepEqual(await seen(`Task/${id}`), NOT_YET);
    await put(observation('last', 'a', '1'));
    for (const id of ['one', 'two', 'three']) assert.deepEqual(await seen(`Task/${id}`), OF_A, id);
  });

  it('is owned when a patient comes with the identifier that it names', async () => {
    const subject = { identifier: { system: OURS, value: '77' } };
    await put({ ...bare, id: 'named', subject });
    assert.deepEqual(await seen('Observation/named'), NOT_YET);
    await put({ ...patient('a', 'Ahorn'), identifier: [{ system: OURS, value: '77' }] });
    assert.deepEqual(await seen('Observation/named'), OF_A);
    // Once it is owned another one with the identifier changes nothing; what comes then is unassigned.
    await put({ ...patient('b', 'Berg'), identifier: [{ system: OURS, value: '77' }] });
    assert.deepEqual(await seen('Observation/named'), OF_A);
    await put({ ...bare, id: 'named-again', subject });
    assert.deepEqual(await seen('Observation/named-again'), NOT_YET);
  });

  it('is owned when what it leads to is assigned by its writer', async () => {
    await put(encounter('unclear', { subject: { display: 'somebody' } }));
    await put({ ...bare, id: 'of-unclear', encounter: { reference: 'Encounter/unclear' } });
    assert.deepEqual(await seen('Observation/of-unclear'), NOT_YET);
    await put(encounter('unclear', { subject: { reference: 'Patient/a' } }));
    assert.deepEqual(await seen('Observation/of-unclear'), OF_A);
    assert.deepEqual(await seen('Encounter/unclear/_history/1'), NOT_YET);
  });

  it('comes in the same transaction, in any order', async () => {
    const entry = [
      {
        resource: { ...bare, encounter: { reference: 'urn:uuid:e' } },
        request: { method: 'POST', url: 'Observation' },
      },
      {
        fullUrl: 'urn:uuid:e',
        resource: { ...encounter('x', { subject: { reference: 'Patient/a' } }), id: undefined },
        request: { method: 'POST', url: 'Encounter' },
      },
    ];
    for (const entries of [entry, entry.toReversed()]) {
      const body = { resourceType: 'Bundle', type: 'transaction', entry: entries };
      const done = await ask(people.ehr, 'POST', '', body);
      assert.equal(done.status, 200, done.text);
      for (const { response } of (done.json() as { entry: { response: { location: string } }[] })
        .entry) {
        assert.deepEqual(await seen(response.location.replace(/^.*fhir\//, '')), OF_A);
      }
    }
  });

  it('stays a Binary for its writer', async () => {
    const scan = {
      resourceType: 'Binary',
      id: 'scan',
      contentType: 'text/plain',
      data: 'eA==',
      securityContext: { reference: 'Observation/context' },
    };
    await put(scan);
    await put(observation('context', 'a', '1'));
    assert.deepEqual(await seen('Binary/scan'), NOT_YET);
  });
});

describe('$unassigned', () => {
  it('lists what is of somebody who cannot be told, for systems and administration', async () => {
    await put(
      ...['l1', 'l2', 'l3'].map((id) => ({ ...bare, id, subject: { display: 'x' } })),
      { resourceType: 'Basic', id: 'l4', code: { text: 'x' } },
      observation('placed', 'a', '1'),
    );
    const admin: Caller = { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' };
    for (const caller of [people.ehr, admin]) {
      const answer = await ask(caller, 'GET', '$unassigned?_type=Observation,Basic&_count=2');
      assert.equal(answer.status, 200, answer.text);
      const found: string[] = [];
      for (let page = answer; ;) {
        found.push(...entriesOf(page).map(({ resource }) => resource.id));
        const next = linkOf(page, 'next');
        if (next === undefined) break;
        assert.match(next, /\/\$unassigned\?/);
        page = await ask(caller, 'GET', next.replace(/^.*\/fhir\//, ''));
      }
      assert.deepEqual(
        found.filter((id) => /^l\d$/.test(id)),
        ['l4', 'l3', 'l2', 'l1'],
      );
      assert.ok(!found.includes('placed'));
      const all = idsOf(await ask(caller, 'GET', '$unassigned?_count=100'));
      assert.ok(found.every((id) => all.includes(id)));
    }
    for (const caller of [people.doctor, people.patientA, people.pharmacist, people.auditor]) {
      assert.equal((await ask(caller, 'GET', '$unassigned')).status, 403, caller.role);
    }
    assert.equal((await ask(people.ehr, 'GET', '$unassigned?_type=Nothing')).status, 400);
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: '$unassigned?_type=Basic' } }],
    };
    assert.match((await ask(people.ehr, 'POST', '', batch)).text, /"l4"/);
  });
});

describe('a store of before', () => {
  it('is closed at the start and gone through, and what a crash left is finished', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'owners-'));
    const kept = {
      CHARTSEAL_STORE: `sqlite:${join(folder, 'store.sqlite')}`,
      CHARTSEAL_LEDGER: `embedded:${join(folder, 'ledger')}`,
    };
    try {
      const first = await startApp(kept);
      await putsTo(() => first)(
        patient('a', 'A'),
        encounter('e', { subject: { reference: 'Patient/a' } }),
        { ...bare, id: 'of-e', encounter: { reference: 'Encounter/e' } },
        { ...bare, id: 'nobody' },
        { ...bare, id: 'waits', encounter: { reference: 'Encounter/late' } },
        { resourceType: 'Location', id: 'room', name: 'Room' },
        { ...bare, id: 'of-room', subject: { reference: 'Location/room' } },
      );
      await first.ask(people.ehr, 'DELETE', 'Observation/nobody');
      await first.close();
      const { openSqliteStore } = await import('../../src/store/sqlite/sqlite-store.ts');
      const path = kept.CHARTSEAL_STORE.replace('sqlite:', '');
      const store = await openSqliteStore(path, {
        randomBytes: (bytes) => new Uint8Array(bytes),
        past: { keepMs: 1000, now: () => 0 },
      });
      // As an earlier server left it: nobody was concerned, and nothing was noted.
      for (const id of ['of-e', 'nobody', 'waits']) {
        for (const { version, patients: before } of await store.versions.history(
          'Observation',
          id,
          { count: 9 },
        )) {
          await store.versions.assign([{ type: 'Observation', id, version, before, patients: [] }]);
        }
      }
      const records = [
        { collection: 'owners', key: 'state', value: undefined },
        { collection: 'awaited-owner', key: 'Encounter/late', value: undefined },
      ];
      await store.write({ records });
      await store.close();
      const second = await startApp(kept);
      try {
        const { ask: asks, statusOf: status } = requestsOf(() => second);
        const outsider = { ...people.patientB };
        for (const id of ['of-e', 'nobody', 'waits', 'nobody/_history/1']) {
          assert.equal(await status(outsider, `Observation/${id}`), 404, id);
        }
        assert.deepEqual(
          entriesOf(await asks(outsider, 'GET', 'Observation/_history')).map(
            ({ resource }) => resource.id,
          ),
          ['of-room'],
        );
        for (let i = 0; (await status(people.patientA, 'Observation/of-e')) !== 200; i += 1) {
          assert.ok(i < 100, 'the owner is not found');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const { payload } = await second.app.inject('/metrics');
        assert.match(payload, /chartseal_versions_without_owner \d/);
        assert.equal(await status(outsider, 'Observation/of-room'), 200);
        await putsTo(() => second)(encounter('late', { subject: { reference: 'Patient/a' } }));
        for (let i = 0; (await status(people.patientA, 'Observation/waits')) !== 200; i += 1) {
          assert.ok(i < 100, 'the owner is not found later');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      } finally {
        await second.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
