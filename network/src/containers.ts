import { join } from 'node:path';
import { agreeOnChaincode } from './chaincode/agree-on-chaincode.ts';
import type { Binaries } from './build-binaries.ts';
import { untilChannelUsable } from './channel/channel-usable.ts';
import { builtChaincode } from './chaincode/chaincode-program.ts';
import { joinOrderer, joinPeer } from './channel/join-channel.ts';
import { RENEWAL_WINDOW } from './identities/expiry.ts';
import { layoutOf } from './topology/layout.ts';
import { preparePackage } from './chaincode/lifecycle.ts';
import { untilListening } from './processes/listening.ts';
import { withLock } from './processes/lock.ts';
import { chaincodeProcess } from './processes/network-processes.ts';
import type { NetworkContext } from './processes/peer-cli.ts';
import { prepareFiles } from './prepare-files.ts';
import { inStep, type OnProgress } from './progress.ts';
import { storeTopology } from './topology/stored-topology.ts';
import {
  hostOf,
  loadTopology,
  type Organisation,
  type PortName,
  type Role,
} from './topology/topology.ts';
import { writeFileWhole } from './write-file-whole.ts';

/** The network as docker-compose.yml runs it: the same topology, each process in a container of its own. */
export interface ContainerOptions {
  /** Says where the volumes are mounted, in every container alike. */
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly onProgress: OnProgress;
}

const HOST = '{role}.{organisation}';

export function containerNetwork({ dataDir, binaries }: ContainerOptions): NetworkContext {
  const layout = layoutOf(dataDir, join(dataDir, 'public', 'trust.json'));
  return { topology: { ...loadTopology(), host: HOST }, layout, bin: binaries.bin };
}

/** Makes every file that the other containers start from. Runs before them. */
export async function prepareContainers(options: ContainerOptions): Promise<void> {
  const network = containerNetwork(options);
  const { topology, layout } = network;
  const program = await builtChaincode();
  await withLock(layout.lock, async () => {
    storeTopology(layout, topology);
    const renewUntil = Date.now() + RENEWAL_WINDOW;
    const files = { samples: options.binaries.config, renewUntil };
    await prepareFiles(network, files, options.onProgress);
    for (const o of topology.organisations) {
      const { id: packageId } = preparePackage(network, o, program);
      const { env } = chaincodeProcess(topology, layout, o, { ...program, packageId });
      const lines = Object.entries(env).filter(([name]) => name.startsWith('CHAINCODE_'));
      writeFileWhole(
        join(layout.of(o).chaincode, 'environment.sh'),
        lines.map(([name, value]) => `export ${name}='${value}'\n`).join(''),
      );
    }
  });
}

/** Joins the channel and agrees on the chaincode. Runs beside the nodes, once they have been started. */
export async function joinContainers(options: ContainerOptions): Promise<void> {
  const network = containerNetwork(options);
  const { topology, layout } = network;
  const listening = (o: Organisation, role: Role, port: PortName = role) =>
    untilListening(hostOf(topology, role, o), o.ports[port], topology.timeouts.ready);
  await withLock(layout.lock, async () => {
    await inStep(options.onProgress, 'Join the channel', () =>
      Promise.all(
        topology.organisations.flatMap((o) => [
          listening(o, 'orderer', 'ordererAdmin').then(() => joinOrderer(network, o)),
          listening(o, 'peer').then(() => joinPeer(network, o)),
        ]),
      ),
    );
    const program = await builtChaincode();
    await agreeOnChaincode(network, program, (o) => listening(o, 'chaincode'), options.onProgress);
    await inStep(options.onProgress, 'Wait until the channel is usable', () =>
      untilChannelUsable(network),
    );
  });
}
