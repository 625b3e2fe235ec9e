import { resolve } from 'node:path';
import { chaincodeIsDefined } from './chaincode/agree-on-chaincode.ts';
import { buildBinaries } from './build-binaries.ts';
import { untilChannelUsable, usableOrganisations } from './channel/channel-usable.ts';
import { builtChaincode, type ChaincodeProgram } from './chaincode/chaincode-program.ts';
import { leaderLast, untilOrdererTakesPart } from './channel/ordering-members.ts';
import { RENEWAL_WINDOW } from './identities/expiry.ts';
import { renewDue } from './identities/renew-due.ts';
import { withLock } from './processes/lock.ts';
import { processName } from './roles/network-processes.ts';
import type { NetworkContext } from './processes/peer-cli.ts';
import {
  holdsOldCertificates,
  startChaincode,
  startOrderer,
  startPeer,
} from './roles/start-role.ts';
import { inStep, silent, type OnProgress } from './progress.ts';
import { layoutOf } from './topology/layout.ts';
import { storedTopology } from './topology/stored-topology.ts';
import type { Organisation, Role } from './topology/topology.ts';

export interface RenewOptions {
  readonly dataDir: string;
  /** Renews what ends within this many ms from now, or everything; RENEWAL_WINDOW when it is not given. */
  readonly within?: number | 'all';
  readonly chaincode?: ChaincodeProgram;
  readonly onProgress?: OnProgress;
}

interface Holder {
  readonly o: Organisation;
  readonly roles: readonly Role[];
}
/** A peer looks for its chaincode when it starts. */
const RESTARTED_TOGETHER: readonly (readonly Role[])[] = [['orderer'], ['chaincode', 'peer']];

/** Names of what was done. */
export interface Renewal {
  readonly certificates: readonly string[];
  readonly restarted: readonly string[];
}

/**
 * Renews the certificates of a network that runs, and restarts what holds old ones: one process at a time, waiting
 * until the channel is whole again, so that it serves meanwhile. May be interrupted anywhere and run again: it goes by
 * what the files and the running processes hold.
 * @throws Error when the folder holds no network, or the channel has not agreed on the built chaincode
 */
export async function renew(options: RenewOptions): Promise<Renewal> {
  const onProgress = options.onProgress ?? silent;
  const layout = layoutOf(resolve(options.dataDir));
  const topology = storedTopology(layout);
  if (topology === undefined) throw new Error(`${layout.root} holds no network: run \`up\` first`);
  const network = { topology, layout, bin: (await buildBinaries({ onProgress })).bin };
  const program = options.chaincode ?? (await builtChaincode());
  return withLock(layout.lock, async () => {
    if (!topology.organisations.every((o) => chaincodeIsDefined(network, o, program))) {
      throw new Error('the channel has not agreed on the built chaincode: run `up` first');
    }
    const { within = RENEWAL_WINDOW } = options;
    const until = within === 'all' ? Infinity : Date.now() + within;
    const certificates = await renewDue(network, until, onProgress);
    const restarted = await restartHolders(network, program, onProgress);
    return { certificates, restarted };
  });
}

async function restartHolders(
  network: NetworkContext,
  program: ChaincodeProgram,
  onProgress: OnProgress,
): Promise<readonly string[]> {
  const holders = (await leaderLast(network)).flatMap((o) =>
    RESTARTED_TOGETHER.map((roles) => ({
      o,
      roles: roles.filter((role) => holdsOldCertificates(network, role, o)),
    })).filter(({ roles }) => roles.length > 0),
  );
  if (holders.length === 0) return [];
  await inStep(onProgress, 'Restart what holds old certificates', async (note) => {
    const usable = await usableOrganisations(network);
    const restart = async ({ o, roles }: Holder) => {
      for (const role of roles) {
        note(processName(role, o));
        await restartRole(network, program, role, o);
      }
    };
    if (usable.length === 0) {
      await Promise.all(holders.map(restart));
      await untilChannelUsable(network);
      return;
    }
    for (const holder of holders) {
      await restart(holder);
      if (holder.roles.includes('orderer')) await untilOrdererTakesPart(network, holder.o, usable);
      else await untilChannelUsable(network, usable);
    }
  });
  return holders.flatMap(({ o, roles }) => roles.map((role) => processName(role, o)));
}

async function restartRole(
  network: NetworkContext,
  program: ChaincodeProgram,
  role: Role,
  o: Organisation,
): Promise<void> {
  if (role === 'orderer') await startOrderer(network, o);
  else if (role === 'peer') await startPeer(network, o);
  else await startChaincode(network, o, program);
}
