import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { MongoClient } from 'mongodb';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { ResourceDocument } from '../../src/store/mongo/documents.ts';
import { toMatch } from '../../src/store/mongo/filter.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { manyResources, planned } from '../support/plan-samples.ts';
import { startReplicaSet } from '../support/mongod.ts';

let replicaSet: MongoMemoryReplSet;
let client: MongoClient;

before(async () => {
  replicaSet = await startReplicaSet();
  const url = replicaSet.getUri('plans');
  const store = await openMongoStore(url, { randomBytes });
  for (let from = 0; from < manyResources.length; from += 500) {
    await store.write({ versions: manyResources.slice(from, from + 500) });
  }
  await store.close();
  client = await MongoClient.connect(url);
});
after(async () => {
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
  for (const [i, [filter]] of planned.entries()) {
    it(`look at few documents for ${filter.op}, ${i + 1}`, async () => {
      const match = {
        $and: [{ type: { $eq: 'Observation' }, deleted: false }, toMatch(filter, 'Observation')],
      };
      const resources = client.db().collection<ResourceDocument>('resources');
      const explained = (await resources.find(match).explain('executionStats')) as unknown as Stats;
      const { nReturned, totalDocsExamined, totalKeysExamined } = explained.executionStats;
      assert.ok(nReturned > 0, 'it finds something');
      // Of 2,000; a position is looked for in a slab around the globe, a composite among all values of its code.
      assert.ok(totalDocsExamined <= 120, `${totalDocsExamined} documents for ${nReturned}`);
      assert.ok(totalKeysExamined <= 240, `${totalKeysExamined} keys for ${nReturned}`);
    });
  }
});
