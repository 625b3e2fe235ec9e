import { after, before, describe, it } from 'node:test';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startApp, type TestApp } from '../../support/app.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { itLetsOneWin } from './competition.ts';

let replicaSet: MongoMemoryReplSet;
let server: TestApp;
before(async () => {
  replicaSet = await startReplicaSet();
  server = await startApp({ CHARTSEAL_STORE: replicaSet.getUri('races') });
});
after(async () => {
  await server.close();
  await replicaSet.stop();
});

describe('competition for conditions, on mongod', { timeout: 240_000 }, () => {
  itLetsOneWin(() => server, 30, it);
});
