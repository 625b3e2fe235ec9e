import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { describePages } from '../ports/store-pages.ts';
import { describeSearch } from '../ports/store-search.ts';
import { startReplicaSet } from '../support/mongod.ts';
import type { StoreHome } from '../support/store-home.ts';

let replicaSet: MongoMemoryReplSet;
let databases = 0;

beforeAll(async () => {
  replicaSet = await startReplicaSet();
});
afterAll(() => replicaSet.stop());

/** A store that sorts nothing whole: even of few resources it looks for pages along its indexes. */
function settle(): Promise<StoreHome> {
  databases += 1;
  const address = replicaSet.getUri(`walk-${databases}`);
  return Promise.resolve({
    open: (past) => openMongoStore(address, { randomBytes, ...(past && { past }) }, 0),
    opener: { module: import.meta.url, name: 'unused', address },
    remove: async () => {
      const client = await MongoClient.connect(address);
      await client.db().dropDatabase();
      await client.close();
    },
  });
}

describe('a MongoDB store that looks for pages along indexes', () => {
  describeSearch(settle);
  describePages(settle, 30);
});
