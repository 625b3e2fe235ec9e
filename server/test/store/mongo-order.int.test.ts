import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { MongoClient, MongoServerError } from 'mongodb';
import type { ClientSession, Collection } from 'mongodb';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { SearchQuery } from '../../src/search/query.ts';
import type { ResourceDocument } from '../../src/store/mongo/documents.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { Source } from '../../src/store/mongo/sources.ts';
import { stepsThrough } from '../../src/store/mongo/steps.ts';
import { totalOf } from '../../src/store/mongo/total.ts';
import { SearchTooCostly } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { manyContainers, manyResources } from '../support/plan-samples.ts';
import { startReplicaSet } from '../support/mongod.ts';

let replicaSet: MongoMemoryReplSet;
let url: string;
let client: MongoClient;
let store: Store;
let session: ClientSession;

beforeAll(async () => {
  replicaSet = await startReplicaSet();
  url = replicaSet.getUri('order');
  store = await openMongoStore(url, { randomBytes });
  for (let from = 0; from < manyResources.length; from += 500) {
    await store.write({ versions: manyResources.slice(from, from + 500) });
    await store.write({ versions: manyContainers.slice(from, from + 500) });
  }
  client = await MongoClient.connect(url);
  session = client.startSession();
});
afterAll(async () => {
  await session.endSession();
  await store.close();
  await client.close();
  await replicaSet.stop();
});

const asked: SearchQuery = {
  type: 'Observation',
  filter: { op: 'and', all: [] },
  sort: [],
  count: 20,
  total: 'none',
};

/** Documents and keys that MongoDB looks at meanwhile, without those that only tell few candidates from many. */
async function lookedAt(act: () => Promise<unknown>): Promise<number> {
  const db = client.db();
  const profile = db.collection<{ docsExamined?: number; keysExamined?: number }>('system.profile');
  await db.command({ profile: 0 });
  await profile.drop();
  await db.command({ profile: 2, filter: { ns: `${db.databaseName}.resources` } });
  await act();
  await db.command({ profile: 0 });
  const all = await profile.find().toArray();
  assert.ok(all.length > 0, 'something is looked at');
  return all.reduce((sum, { docsExamined = 0, keysExamined = 0 }) => {
    return sum + Math.max(docsExamined, keysExamined);
  }, 0);
}

const orders = ['t', 's', 'd', 'r', 'u', 'n', 'q', '_lastUpdated'];

describe('pages of MongoDB among many candidates', () => {
  for (const param of orders) {
    for (const descending of [false, true]) {
      // No index has texts from the greatest: a thousand are looked at instead.
      const most = (falling: boolean): number =>
        falling && ['t', 's', 'r', 'u'].includes(param) ? 2_600 : 1_300;
      it(`are found along an index, by ${param}${descending ? ', descending' : ''}`, async () => {
        const query = { ...asked, sort: [{ param, descending }] };
        const few = await lookedAt(() => store.versions.search(query));
        // Whether there are more than 1,000 is seen from 1,001.
        assert.ok(few < most(descending), `${few} looked at`);
        const { links } = await store.versions.search(query);
        for (const page of [links.next, links.last]) {
          assert.ok(page !== undefined);
          let found = 0;
          const next = await lookedAt(async () => {
            found = (await store.versions.search({ ...query, page })).matches.length;
          });
          assert.equal(found, 20);
          // To know that nothing lacks a value takes a look at the keys of all.
          const limit = page === links.next ? most(descending) : most(!descending) + 4_200;
          assert.ok(next < limit, `${next} looked at`);
        }
      });
    }
  }

  it('are found by names where candidates are few', async () => {
    const filter = { op: 'token', param: 't', system: 'http://s/3' } as const;
    const sort = [{ param: 'd', descending: true }];
    const looked = await lookedAt(() => store.versions.search({ ...asked, filter, sort }));
    // All codes once, and what is found.
    assert.ok(looked < 3_000, `${looked} looked at`);
  });

  it('tell of it in explanations', async () => {
    const falling = { ...asked, sort: [{ param: 'd', descending: true }] };
    const [explained] = await store.versions.explain(falling);
    assert.equal(explained?.looksAt, 'type');
    const steps = explained.statements.flatMap((statement) => statement.steps);
    assert.ok(steps.includes('IXSCAN r.p_1_r.l_-1_r.h_-1'), steps.join());
    assert.ok(!steps.includes('SORT'), steps.join());
    const filter = { op: 'token', param: 't', code: 'c5' } as const;
    const [selective] = await store.versions.explain({ ...falling, filter });
    assert.equal(selective?.looksAt, 'criterion');
  });

  it('are the same after the indexes of an earlier version have been completed', async () => {
    const query = { ...asked, sort: [{ param: 'n', descending: true }] };
    const expected = (await store.versions.search(query)).matches.map(({ id }) => id);
    assert.equal(expected[0], '1999');
    const resources = client.db().collection('resources');
    await resources.dropIndex('r.p_1_r.l_-1_r.h_-1');
    const [one, two] = await Promise.all([
      openMongoStore(url, { randomBytes }),
      openMongoStore(url, { randomBytes }),
    ]);
    for (const each of [one, two]) {
      const found = (await each.versions.search(query)).matches.map(({ id }) => id);
      assert.deepEqual(found, expected);
      await each.close();
    }
  });
});

describe('steps through a type', () => {
  const source = (): Source => ({
    collection: client.db().collection<ResourceDocument>('resources'),
    name: '_id',
    shown: { deleted: false },
  });

  it('part its resources', async () => {
    const names: string[] = [];
    let steps = 0;
    for await (const some of stepsThrough(source(), 'Observation', session, {
      per: 300,
      most: 7,
    })) {
      steps += 1;
      const found = await source()
        .collection.find({ type: 'Observation', ...some })
        .toArray();
      names.push(...found.map(({ _id }) => _id));
    }
    assert.equal(steps, 7);
    assert.deepEqual(names.sort(), manyResources.map(({ id }) => `Observation/${id}`).sort());
  });

  it('are not begun when they are too many', async () => {
    const all = async (): Promise<void> => {
      for await (const some of stepsThrough(source(), 'Observation', session, {
        per: 300,
        most: 6,
      })) {
        assert.fail(JSON.stringify(some));
      }
    };
    await assert.rejects(all(), SearchTooCostly);
  });

  it('count what takes too long to count at one go', async () => {
    const { collection, ...rest } = source();
    let attempts = 0;
    const slow = new Proxy(collection, {
      get: (target, name) => {
        if (name !== 'countDocuments') return Reflect.get(target, name, target) as unknown;
        return (...given: Parameters<Collection<ResourceDocument>['countDocuments']>) => {
          attempts += 1;
          return attempts === 1
            ? Promise.reject(new MongoServerError({ message: 'expired', code: 50 }))
            : target.countDocuments(...given);
        };
      },
    });
    const match = { $and: [{ type: { $eq: 'Observation' }, deleted: false }, { 'r.l': 5 }] };
    const by = { parts: [asked], session };
    const total = await totalOf({ ...rest, collection: slow }, { match, then: [] }, by);
    assert.equal(total, await collection.countDocuments(match));
    assert.equal(total, 1);
    // At one go, all there are, and step by step.
    assert.equal(attempts, 3);
  });
});
