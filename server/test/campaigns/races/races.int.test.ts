import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startApp, type TestApp } from '../../support/app.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { itLetsOneWin } from './competition.ts';

jest.setTimeout(240_000);

let replicaSet: MongoMemoryReplSet;
let server: TestApp;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
  server = await startApp({ CHARTSEAL_STORE: replicaSet.getUri('races') });
});
afterAll(async () => {
  await server.close();
  await replicaSet.stop();
});

describe('competition for conditions, on mongod', () => {
  itLetsOneWin(() => server, 30, it);
});
