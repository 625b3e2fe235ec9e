/** Many of them: `node test/campaigns/traversals/full.ts <traversals> <sqlite|mongod> <seed>`. */
import { startApp } from '../../support/app.ts';
import { runAtLength } from '../at-length.ts';
import { itTraversesWhatIsShown } from './hidden-traversals.ts';
import { startReplicaSet } from '../../support/mongod.ts';

const [traversals = '1000', store = 'sqlite', seed = '1'] = process.argv.slice(2);
const asked = { traversals: Number(traversals), seed: Number(seed) };
const replicaSet = store === 'mongod' ? await startReplicaSet() : undefined;
try {
  const server = await startApp(
    replicaSet === undefined ? {} : { CHARTSEAL_STORE: replicaSet.getUri('traversals') },
  );
  try {
    await runAtLength((it) => itTraversesWhatIsShown(() => server, asked, it));
  } finally {
    await server.close();
  }
} finally {
  await replicaSet?.stop();
}
