/** The same at length: `node test/campaigns/races/full.ts <identifiers> <sqlite|mongod>`. */
import { after, before, describe } from 'node:test';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startApp, type TestApp } from '../../support/app.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { itLetsOneWin } from './competition.ts';

const [identifiers = '1000', store = 'sqlite'] = process.argv.slice(2);
let replicaSet: MongoMemoryReplSet | undefined;
let server: TestApp;
before(async () => {
  if (store === 'mongod') replicaSet = await startReplicaSet();
  server = await startApp(
    replicaSet === undefined ? {} : { CHARTSEAL_STORE: replicaSet.getUri('races') },
  );
});
after(async () => {
  await server.close();
  await replicaSet?.stop();
});

describe(`competition for conditions, on ${store}`, () => {
  itLetsOneWin(() => server, Number(identifiers));
});
