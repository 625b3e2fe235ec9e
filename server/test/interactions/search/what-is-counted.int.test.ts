import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startApp, type TestApp } from '../../support/app.ts';
import { checkCounts } from '../../support/counted-worlds.ts';
import { startReplicaSet } from '../../support/mongod.ts';

let replicaSet: MongoMemoryReplSet;
let server: TestApp;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
  server = await startApp({ CHARTSEAL_STORE: replicaSet.getUri('counts') });
});
afterAll(async () => {
  await server.close();
  await replicaSet.stop();
});

const seed = 20261122;

describe('what a search of MongoDB counts', () => {
  it(`is what it shows, on all of its pages (seed ${seed})`, async () => {
    const { shown, refused } = await checkCounts(server, { seed, worlds: 3, queries: 30 });
    console.log(`${shown} shown, ${refused} refused to a read and to a search`);
    assert.ok(shown > 100 && refused > 50, `${shown} ${refused}`);
  });
});
