import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { MongoClient, type Document } from 'mongodb';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { ResourceDocument } from '../../src/store/mongo/documents.ts';
import type { Filter } from '../../src/search/query.ts';
import { toMatch } from '../../src/store/mongo/filter.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aVersion, token } from '../support/store-samples.ts';
import { manyContainers, manyResources, planned } from '../support/plan-samples.ts';
import { startReplicaSet } from '../support/mongod.ts';

let replicaSet: MongoMemoryReplSet;
let client: MongoClient;
let store: Store;

beforeAll(async () => {
  replicaSet = await startReplicaSet();
  const url = replicaSet.getUri('plans');
  store = await openMongoStore(url, { randomBytes });
  for (let from = 0; from < manyResources.length; from += 500) {
    await store.write({ versions: manyResources.slice(from, from + 500) });
    await store.write({ versions: manyContainers.slice(from, from + 500) });
  }
  client = await MongoClient.connect(url);
});
afterAll(async () => {
  await store.close();
  await client.close();
  await replicaSet.stop();
});

interface Stats {
  readonly executionStats: {
    readonly nReturned: number;
    readonly totalDocsExamined: number;
    readonly totalKeysExamined: number;
  };
}

describe('plans of MongoDB', () => {
  async function assertFewLookedAt(match: Document): Promise<void> {
    const resources = client.db().collection<ResourceDocument>('resources');
    const explained = (await resources.find(match).explain('executionStats')) as unknown as Stats;
    const { nReturned, totalDocsExamined, totalKeysExamined } = explained.executionStats;
    assert.ok(nReturned > 0, 'it finds something');
    // Of 2,000; a position is looked for in a slab around the globe, a composite among all values of its code.
    assert.ok(totalDocsExamined <= 120, `${totalDocsExamined} documents for ${nReturned}`);
    assert.ok(totalKeysExamined <= 240, `${totalKeysExamined} keys for ${nReturned}`);
  }

  for (const [i, [filter]] of planned.entries()) {
    it(`look at few documents for ${filter.op}, ${i + 1}`, async () => {
      const match = {
        $and: [{ type: { $eq: 'Observation' }, deleted: false }, toMatch(filter, 'Observation')],
      };
      await assertFewLookedAt(match);
    });
  }

  for (const [i, [filter]] of planned.entries()) {
    // A place is no more than looked at in all contained resources of the type.
    if (filter.op === 'near') continue;
    it(`look at few containers for ${filter.op} of what they contain, ${i + 1}`, async () => {
      const inside: Filter = { op: 'inside', type: 'Observation', filter };
      const match = { $and: [{ deleted: false }, toMatch(inside, 'Claim')] };
      await assertFewLookedAt(match);
    });
  }

  it('enter the index of what is contained, and tell so, for containers of whatever types', async () => {
    const filter: Filter = { op: 'token', param: 't', code: 'c5' };
    const inside = { type: 'Observation', filter };
    const containers = { filter: { op: 'inside', ...inside } } as const;
    const listed = { filter: { op: 'and', all: [] }, inside } as const;
    for (const asked of [containers, listed]) {
      const of = { ...asked, sort: [], count: 9, total: 'none' } as const;
      const others = [{ type: 'List', ...asked }];
      for (const { looksAt, statements } of await store.versions.explain({
        type: 'Claim',
        ...of,
        others,
      })) {
        const steps = statements.flatMap((statement) => statement.steps);
        assert.ok(steps.includes('IXSCAN i.e.p_1_i.e.v_1_i.e.w_1'), steps.join());
        assert.equal(looksAt, 'criterion');
      }
    }
  });

  it('read what concerns a patient in the order of pages', async () => {
    const category = { op: 'token', param: 't', system: 'http://s/5' } as const;
    const patients: readonly Filter[] = [
      { op: 'reference', param: 'r', target: 'Patient/5' },
      { op: 'or', any: [{ op: 'reference', param: 'r', target: 'Patient/5' }] },
      { op: 'patients', mode: 'in', patients: ['5'] },
    ];
    for (const patient of patients) {
      const filter: Filter = { op: 'and', all: [category, { op: 'and', all: [patient] }] };
      const query = { type: 'Observation', filter, sort: [], count: 9, total: 'none' } as const;
      const [explained] = await store.versions.explain(query);
      const steps = explained?.statements.flatMap((statement) => statement.steps) ?? [];
      assert.ok(steps.includes('IXSCAN o_1_type_1__id_1'), steps.join());
      assert.ok(!steps.includes('SORT'), steps.join());
      assert.equal(explained?.looksAt, 'criterion');
    }
  });

  /** Keys of indexes that reads of a collection looked at meanwhile. */
  async function keysOf(collection: string, act: () => Promise<void>): Promise<number[]> {
    const db = client.db();
    await db.command({ profile: 2 });
    await act();
    await db.command({ profile: 0 });
    const profile = db.collection<{ keysExamined: number }>('system.profile');
    const reads = { ns: `${db.databaseName}.${collection}`, keysExamined: { $exists: true } };
    const found = await profile.find({ ...reads, op: { $in: ['query', 'command'] } }).toArray();
    await profile.drop();
    return found.map(({ keysExamined }) => keysExamined);
  }

  it('step over codes that are known', async () => {
    const known = manyResources.slice(1).map((_, i) => `c${i}`);
    const keys = await keysOf('resources', async () => {
      assert.deepEqual(await store.versions.codes('Observation', 't', new Set(known)), ['c1999']);
    });
    assert.equal(keys.length, 2);
    // Each known code is passed by a step.
    assert.ok(Math.max(...keys) <= 2 * known.length + 2, keys.join());
    await store.write({
      versions: Array.from({ length: 500 }, (_, i) =>
        aVersion({ type: 'Basic', id: `${i}`, index: [token('t', null, i < 250 ? 'a' : 'b')] }),
      ),
    });
    const few = await keysOf('resources', async () => {
      assert.deepEqual(await store.versions.codes('Basic', 't', new Set(['a', 'b'])), []);
    });
    assert.ok(few.length === 1 && Math.max(...few) <= 6, few.join());
  });

  it('begin the changes since an instant where it lies in the log', async () => {
    const end = Math.max(...manyContainers.map(({ lastUpdated }) => lastUpdated));
    for (const types of [undefined, ['Observation'], ['Claim', 'List']]) {
      const query = { ...(types && { types }), since: end + 1, count: 9 };
      const keys = await keysOf('resources', async () => {
        assert.deepEqual((await store.versions.changes(query)).versions, []);
      });
      assert.ok(keys.length > 0 && Math.max(...keys) <= 130, keys.join());
    }
  });

  it('enter an index once for a long list of values', async () => {
    const lists: readonly ((i: number) => Filter)[] = [
      (i) => ({ op: 'token', param: 't', code: `c${i}` }),
      (i) => ({ op: 'token', param: 't', system: `http://s/${i % 7}`, code: `c${i}` }),
      (i) => ({ op: 'or', any: [{ op: 'reference', param: 'r', target: `Patient/${i}` }] }),
      (i) => ({ op: 'string', param: 's', match: 'exact', value: `Name ${i}` }),
      (i) => ({ op: 'uri', param: 'u', match: 'exact', value: `http://u/${i}` }),
    ];
    for (const one of lists) {
      const any = Array.from({ length: 300 }, (_, i) => one(i * 20));
      const filter: Filter = { op: 'or', any };
      const query = { type: 'Observation', filter, sort: [], count: 200, total: 'none' } as const;
      const [explained] = await store.versions.explain(query);
      const steps = explained?.statements.flatMap((statement) => statement.steps) ?? [];
      assert.ok(steps.filter((step) => step.startsWith('IXSCAN')).length <= 7, steps.join());
      const { matches } = await store.versions.search(query);
      assert.equal(matches.length, 100);
    }
  });
});
