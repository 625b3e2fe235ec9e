import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { agreeOnChaincode, chaincodeIsDefined } from './chaincode/agree-on-chaincode.ts';
import { buildBinaries } from './build-binaries.ts';
import { untilChannelUsable } from './channel/channel-usable.ts';
import { builtChaincode, type ChaincodeProgram } from './chaincode/chaincode-program.ts';
import { joinOrderer, joinPeer } from './channel/join-channel.ts';
import { layoutOf } from './topology/layout.ts';
import { withLock } from './processes/lock.ts';
import type { NetworkContext } from './processes/peer-cli.ts';
import { prepareFiles } from './prepare-files.ts';
import { inStep, silent, type OnProgress } from './progress.ts';
import { startChaincode, startOrderer, startPeer } from './processes/start-role.ts';
import { storeTopology, storedTopology } from './topology/stored-topology.ts';
import { loadTopology, type Organisation, type Topology } from './topology/topology.ts';

export interface UpOptions {
  /** Folder of everything the network keeps; created when missing. */
  readonly dataDir: string;
  /** Says where the trust anchors go; `trust.json` beside the data folder when not given. */
  readonly trustFile?: string;
  /** Defaults to what the data folder was made with, else to `network/topology.yaml`. */
  readonly topology?: Topology;
  /** Defaults to the workspace's built chaincode. */
  readonly chaincode?: ChaincodeProgram;
  readonly onProgress?: OnProgress;
}

/**
 * Brings the network up and returns when every organisation's server could transact. Creates what
 * is missing, starts what is not running, redefines the chaincode when its code has changed, and
 * does nothing else; so it may be called at any time, also after a crash at any point of itself.
 */
export async function up(options: UpOptions): Promise<void> {
  const onProgress = options.onProgress ?? silent;
  const layout = layoutOf(resolve(options.dataDir), options.trustFile);
  const { bin, config } = await buildBinaries({ onProgress });
  const program = options.chaincode ?? (await builtChaincode());
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  await withLock(layout.lock, async () => {
    const topology = options.topology ?? storedTopology(layout) ?? loadTopology();
    storeTopology(layout, topology);
    const network: NetworkContext = { topology, layout, bin };
    // Nothing that has expired can be started; the rest is renewed by `renew`, which keeps the channel serving.
    await prepareFiles(network, { samples: config, renewUntil: Date.now() }, onProgress);
    await inStep(onProgress, 'Start orderers and peers', () =>
      Promise.all(
        topology.organisations.flatMap((o) => [
          startOrderer(network, o).then(() => joinOrderer(network, o)),
          startPeer(network, o).then(() => joinPeer(network, o)),
          ...(chaincodeIsDefined(network, o, program) ? [startChaincode(network, o, program)] : []),
        ]),
      ),
    );
    const start = (o: Organisation) => startChaincode(network, o, program);
    await agreeOnChaincode(network, program, start, onProgress);
    await inStep(onProgress, 'Wait until the channel is usable', () => untilChannelUsable(network));
  });
}
