import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildBinaries } from './build-binaries.ts';
import { makeChannelBlock } from './channel-block.ts';
import { untilChannelUsable } from './channel-usable.ts';
import { builtChaincode, type ChaincodeProgram } from './chaincode-program.ts';
import { writeConnectionFile } from './connection-file.ts';
import { issueIdentities } from './issue-identities.ts';
import { joinOrderer, joinPeer } from './join-channel.ts';
import { layoutOf } from './layout.ts';
import { definitionVersion, defineChaincode, installPackage, preparePackage } from './lifecycle.ts';
import { withLock } from './lock.ts';
import { writeNodeConfigs } from './node-config.ts';
import type { NetworkContext } from './peer-cli.ts';
import { inStep, silent, type OnProgress } from './progress.ts';
import { startChaincode, startOrderer, startPeer } from './start-role.ts';
import { storeTopology, storedTopology } from './stored-topology.ts';
import { loadTopology, type Organisation, type Topology } from './topology.ts';
import { writeTrustFile } from './trust-file.ts';
import { writeFileWhole } from './write-file-whole.ts';

export interface UpOptions {
  /** Folder of everything the network keeps; created when missing. */
  readonly dataDir: string;
  /** Where the trust anchors go; `trust.json` beside the data folder when not given. */
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
    await prepare(network, config, onProgress);
    await inStep(onProgress, 'Start orderers and peers', () =>
      each(topology, (o) =>
        Promise.all([
          startOrderer(network, o).then(() => joinOrderer(network, o)),
          startPeer(network, o).then(() => joinPeer(network, o)),
          chaincodeIsDefined(network, o, program) ? startChaincode(network, o, program) : undefined,
        ]),
      ),
    );
    await deploy(network, program, onProgress);
    await inStep(onProgress, 'Wait until the channel is usable', () => untilChannelUsable(network));
  });
}

/** Everything that is made of files alone. */
async function prepare(
  network: NetworkContext,
  samples: string,
  onProgress: OnProgress,
): Promise<void> {
  const { topology, layout, bin } = network;
  const missing = topology.organisations.some((o) => !existsSync(layout.of(o).identities));
  if (missing) {
    await inStep(onProgress, 'Issue identities from each organisation’s Fabric CA', (note) =>
      each(topology, async (o) => {
        await issueIdentities(topology, o, layout, bin);
        note(`${o.name} done`);
      }),
    );
  }
  if (!existsSync(layout.channelBlock)) {
    await inStep(onProgress, `Make the first block of channel ${topology.channel}`, () =>
      makeChannelBlock(topology, layout, bin),
    );
  }
  writeNodeConfigs(topology, layout, samples);
  for (const o of topology.organisations) writeConnectionFile(topology, layout, o);
  writeTrustFile(topology, layout);
}

/** Installs, approves and commits the chaincode unless this very code is known to be in force. */
async function deploy(
  network: NetworkContext,
  program: ChaincodeProgram,
  onProgress: OnProgress,
): Promise<void> {
  const { topology } = network;
  const pending = topology.organisations.filter((o) => !chaincodeIsDefined(network, o, program));
  if (pending.length === 0) return;
  await inStep(onProgress, 'Agree on the chaincode', async (note) => {
    const packageIds = new Map<Organisation, string>();
    await each(topology, async (o) => {
      const built = preparePackage(network, o, program);
      await installPackage(network, o);
      packageIds.set(o, built.id);
      await startChaincode(network, o, program);
      note(`${o.name} installed`);
    });
    note('approving and committing');
    await defineChaincode(network, packageIds, program.digest);
    for (const o of topology.organisations) {
      writeFileWhole(definedMark(network, o), definitionVersion(topology, program.digest));
    }
  });
}

/** Written last, so that an interrupted agreement is taken up again. */
const definedMark = ({ layout }: NetworkContext, o: Organisation): string =>
  join(layout.of(o).chaincode, 'defined');

function chaincodeIsDefined(
  network: NetworkContext,
  o: Organisation,
  program: ChaincodeProgram,
): boolean {
  const mark = definedMark(network, o);
  return (
    existsSync(mark) &&
    readFileSync(mark, 'utf8') === definitionVersion(network.topology, program.digest)
  );
}

async function each(topology: Topology, act: (o: Organisation) => Promise<unknown>): Promise<void> {
  await Promise.all(topology.organisations.map(act));
}
