/** Kills a server as often as told amid transactions: `node test/crash/drill.ts <kills> <sqlite|mongod>`; prints what came of it. */
import { crashDrill } from '../support/crash-drill.ts';
import { startReplicaSet } from '../support/mongod.ts';
import { serverProcess } from '../support/server-process.ts';

const [kills = '100', store = 'sqlite'] = process.argv.slice(2);
const replicaSet = store === 'mongod' ? await startReplicaSet() : undefined;
const server = await serverProcess(
  replicaSet === undefined ? {} : { CHARTSEAL_STORE: replicaSet.getUri('crash') },
);
try {
  // From the first transaction's first steps to the thick of many.
  const delays = Array.from({ length: Number(kills) }, (_, i) => 5 + ((i * 37) % 600));
  console.log(store, JSON.stringify(await crashDrill(server, delays)));
} finally {
  await server.remove();
  await replicaSet?.stop();
}
