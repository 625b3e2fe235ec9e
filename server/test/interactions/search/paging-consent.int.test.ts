import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startApp, type TestApp } from '../../support/app.ts';
import { itTraversesWhatIsShown } from '../../campaigns/traversals/hidden-traversals.ts';
import { startReplicaSet } from '../../support/mongod.ts';

let replicaSet: MongoMemoryReplSet;
let server: TestApp;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
  server = await startApp({ CHARTSEAL_STORE: replicaSet.getUri('traversals') });
});
afterAll(async () => {
  await server.close();
  await replicaSet.stop();
});

describe('a traversal while consents hide and show patients, on MongoDB', () => {
  itTraversesWhatIsShown(() => server, { traversals: 12, seed: randomInt(2 ** 31) }, it);
});
