import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../../support/app.ts';
import {
  SYSTEM,
  bundlesOf,
  entry,
  observation,
  patient,
  responses,
  statuses,
  uuid,
} from '../../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());
const { get, post, transact, total } = bundlesOf(() => server);

describe('a transaction that cannot be done', () => {
  const good = (value: string) => entry('POST', 'Patient', patient(value), { fullUrl: uuid(99) });
  const bad: readonly [what: string, status: number, index: number, entry: string][] = [
    [
      'an invalid resource',
      422,
      1,
      entry('POST', 'Patient', { resourceType: 'Patient', gender: 'x' }),
    ],
    ['another type', 400, 1, entry('POST', 'Patient', observation('Patient/1'))],
    ['an unknown type', 404, 1, entry('POST', 'Patients', patient('x'))],
    [
      'a wrong version',
      412,
      1,
      entry('PUT', 'Patient/fixed', patient('x', { id: 'fixed' }), { ifMatch: 'W/"9"' }),
    ],
    ['another id', 400, 1, entry('PUT', 'Patient/fixed', patient('x', { id: 'other' }))],
    ['no resource', 400, 1, entry('POST', 'Patient')],
    ['a method that is none', 400, 1, entry('OPTIONS', 'Patient', patient('x'))],
    ['an unknown operation', 404, 1, entry('GET', 'Patient/fixed/$nope')],
    ['criteria that select several', 412, 1, entry('DELETE', `Patient?identifier=${SYSTEM}|twin`)],
    [
      'a conditional reference to nothing',
      412,
      1,
      entry('POST', 'Observation', observation(`Patient?identifier=${SYSTEM}|nobody`)),
    ],
    [
      'a conditional reference to several',
      412,
      1,
      entry('POST', 'Observation', observation(`Patient?identifier=${SYSTEM}|twin`)),
    ],
    ['a read of nothing', 404, 1, entry('GET', 'Patient/nobody')],
    ['a search by nothing known', 400, 1, entry('GET', 'Patient?unheard=1')],
    ['a member that is none', 400, 1, '{"fullUr":"x"}'],
    [
      'a twin of its fullUrl',
      400,
      1,
      entry('POST', 'Patient', patient('x'), { fullUrl: uuid(99) }),
    ],
  ];

  beforeAll(async () => {
    const made = await transact([
      entry('PUT', 'Patient/fixed', patient('fixed', { id: 'fixed' })),
      entry('POST', 'Patient', patient('twin')),
      entry('POST', 'Patient', patient('twin')),
    ]);
    assert.deepEqual(statuses(made), ['201', '201', '201']);
  });

  for (const [what, status, index, failing] of bad) {
    it(`stores nothing and names the entry: ${what}`, async () => {
      const value = `none-${what}`.replaceAll(' ', '-');
      const refused = await transact([good(value), failing]);
      assert.equal(refused.status, status, refused.text);
      assert.equal(refused.json()['resourceType'], 'OperationOutcome');
      assert.match(refused.text, new RegExp(`Bundle\\.entry\\[${index}\\]`));
      assert.equal(await total(`Patient?identifier=${SYSTEM}|${value}`), 0);
      assert.equal((await get('Patient/fixed')).headers['etag'], 'W/"1"');
      assert.deepEqual(statuses(await transact([good(value)])), ['201']);
      assert.equal(await total(`Patient?identifier=${SYSTEM}|${value}`), 1);
    });
  }

  it('names both entries that mean the same resource', async () => {
    const own = patient('x', { id: 'dup' });
    for (const twins of [
      [entry('PUT', 'Patient/dup', own), entry('DELETE', 'Patient/dup')],
      [
        entry('PUT', 'Patient/fixed', patient('x', { id: 'fixed' })),
        entry('PUT', `Patient?identifier=${SYSTEM}|fixed`, patient('x')),
      ],
      [
        entry('POST', 'Patient', patient('n'), { ifNoneExist: `identifier=${SYSTEM}|n` }),
        entry('PUT', `Patient?identifier=${SYSTEM}|n`, patient('n')),
      ],
    ]) {
      const refused = await transact([good('dup'), ...twins]);
      assert.equal(refused.status, 400, refused.text);
      assert.match(refused.text, /Bundle\.entry\[1\]/);
      assert.match(refused.text, /Bundle\.entry\[2\]/);
    }
    assert.equal(await total(`Patient?identifier=${SYSTEM}|dup`), 0);
    assert.equal((await get('Patient/dup')).status, 404);
  });

  it('is refused as a whole when it is no batch or transaction, or no JSON', async () => {
    assert.equal((await post('collection', [good('no')])).status, 400);
    const broken = await transact([good('no'), '{"request":{"method":"GET","url":01}}']);
    assert.equal(broken.status, 400);
    assert.match(broken.text, /Bundle\.entry\[1\]\.request\.url/);
    const twice = await transact([
      entry('POST', 'Patient', '{"resourceType":"Patient","active":true,"active":true}'),
    ]);
    assert.match(twice.text, /repeated at Bundle\.entry\[0\]\.resource\.active/);
    assert.equal(await total(`Patient?identifier=${SYSTEM}|no`), 0);
    assert.deepEqual(responses(await post('transaction', [])), []);
  });

  it('is refused where scopes or consent refuse one entry', async () => {
    const entries = (value: string) => [
      good(value),
      entry('PUT', 'Patient/fixed', patient('fixed', { id: 'fixed' })),
    ];
    for (const [caller, status] of [
      [{ ...people.ehr, scope: 'system/Observation.cruds' }, 403],
      [{ ...people.ehr, scope: 'system/*.crds' }, 403],
      [{ ...people.pharmacist }, 404],
    ] as const) {
      const refused = await transact(entries('refused'), caller);
      assert.equal(refused.status, status, refused.text);
      assert.match(refused.text, /Bundle\.entry\[\d\]/);
    }
    assert.equal(await total(`Patient?identifier=${SYSTEM}|refused`), 0);
    assert.equal((await get('Patient/fixed')).headers['etag'], 'W/"1"');
    assert.equal((await server.ask(undefined, 'POST', '', { body: '{}' })).status, 401);
    assert.deepEqual(statuses(await transact(entries('refused'))), ['201', '200']);
  });
});
