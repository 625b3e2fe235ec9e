import { resolve } from 'node:path';
import { buildBinaries } from './build-binaries.ts';
import { builtChaincode, type ChaincodeProgram } from './chaincode/chaincode-program.ts';
import { layoutOf } from './topology/layout.ts';
import { withLock } from './processes/lock.ts';
import { findProcess } from './roles/network-processes.ts';
import { startChaincode, startOrderer, startPeer } from './roles/start-role.ts';
import { storedTopology } from './topology/stored-topology.ts';

/** Starts single processes of a network that has been up before; each accepts connections on return. */
export async function start(options: {
  readonly dataDir: string;
  readonly processes: readonly string[];
  readonly chaincode?: ChaincodeProgram;
}): Promise<void> {
  const layout = layoutOf(resolve(options.dataDir));
  const topology = storedTopology(layout);
  if (topology === undefined) throw new Error(`${layout.root} holds no network: run \`up\` first`);
  const found = options.processes.map((name) => findProcess(topology, name));
  const network = { topology, layout, bin: (await buildBinaries()).bin };
  await withLock(layout.lock, async () => {
    for (const { role, organisation } of found) {
      switch (role) {
        case 'orderer':
          await startOrderer(network, organisation);
          break;
        case 'peer':
          await startPeer(network, organisation);
          break;
        case 'chaincode':
          await startChaincode(
            network,
            organisation,
            options.chaincode ?? (await builtChaincode()),
          );
          break;
      }
    }
  });
}
