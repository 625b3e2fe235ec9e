import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import { MongoClient } from 'mongodb';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { describeResourceStore } from '../ports/resource-store.ts';
import { startReplicaSet } from '../support/mongod.ts';
import type { StoreHome } from '../support/store-home.ts';

const module = new URL('../../src/store/mongo/mongo-store.ts', import.meta.url).href;
let replicaSet: MongoMemoryReplSet;
let databases = 0;

before(async () => {
  replicaSet = await startReplicaSet();
});
after(() => replicaSet.stop());

async function settle(): Promise<StoreHome> {
  databases += 1;
  const address = replicaSet.getUri(`store-${databases}`);
  await Promise.resolve();
  return {
    open: () => openMongoStore(address, { randomBytes }),
    opener: { module, name: 'openMongoStore', address },
    remove: async () => {
      const client = await MongoClient.connect(address);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

describeResourceStore('mongodb', settle);
