/** Many of them: `node test/campaigns/traversals/full.ts <traversals> <sqlite|mongod> <seed>`. */
import { after, before, describe } from 'node:test';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { startApp, type TestApp } from '../../support/app.ts';
import { itTraversesWhatIsShown } from './hidden-traversals.ts';
import { startReplicaSet } from '../../support/mongod.ts';

const [traversals = '1000', store = 'sqlite', seed = '1'] = process.argv.slice(2);
let replicaSet: MongoMemoryReplSet | undefined;
let server: TestApp;
before(async () => {
  if (store === 'mongod') replicaSet = await startReplicaSet();
  server = await startApp(
    replicaSet === undefined ? {} : { CHARTSEAL_STORE: replicaSet.getUri('traversals') },
  );
});
after(async () => {
  await server.close();
  await replicaSet?.stop();
});

describe(`a traversal while consents hide and show patients, on ${store}`, () => {
  itTraversesWhatIsShown(() => server, { traversals: Number(traversals), seed: Number(seed) });
});
