/** The same at length: `node test/campaigns/races/full.ts <identifiers> <sqlite|mongod>`. */
import { startApp } from '../../support/app.ts';
import { runAtLength } from '../at-length.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { itLetsOneWin } from './competition.ts';

const [identifiers = '1000', store = 'sqlite'] = process.argv.slice(2);
const replicaSet = store === 'mongod' ? await startReplicaSet() : undefined;
try {
  const server = await startApp(
    replicaSet === undefined ? {} : { CHARTSEAL_STORE: replicaSet.getUri('races') },
  );
  try {
    await runAtLength((it) => itLetsOneWin(() => server, Number(identifiers), it));
  } finally {
    await server.close();
  }
} finally {
  await replicaSet?.stop();
}
