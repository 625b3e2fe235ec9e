import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startReplicaSet } from '../../support/mongod.ts';
import { revokeAtSeveralServers } from './revocations.ts';

describe('servers of one organisation on one MongoDB', () => {
  let mongod: MongoMemoryReplSet;
  beforeAll(async () => {
    mongod = await startReplicaSet();
  });
  afterAll(() => mongod.stop());

  for (const servers of [2, 3]) {
    it(`agree on every request: ${servers} of them`, async () => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      console.log(`seed ${seed}`);
      const { late, wrong, odd, faults, accesses } = await revokeAtSeveralServers(
        mongod.getUri(`servers-${servers}`),
        { servers, revocations: 24, mixed: 200, seed },
      );
      assert.deepEqual({ late, wrong, odd, faults }, { late: [], wrong: [], odd: [], faults: [] });
      assert.ok(accesses > 200);
    });
  }
});
