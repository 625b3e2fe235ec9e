/** Kills a server as often as told amid transactions: `node test/campaigns/crash/drill.ts <kills> <sqlite|mongod>`; prints what came of it. */
import { crashDelays, crashDrill } from './crash-drill.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { serverProcess } from '../../support/server-process.ts';

const [kills = '100', store = 'sqlite'] = process.argv.slice(2);
const replicaSet = store === 'mongod' ? await startReplicaSet() : undefined;
const server = await serverProcess(
  replicaSet === undefined ? {} : { CHARTSEAL_STORE: replicaSet.getUri('crash') },
);
try {
  console.log(store, JSON.stringify(await crashDrill(server, crashDelays(Number(kills)))));
} finally {
  await server.remove();
  await replicaSet?.stop();
}
