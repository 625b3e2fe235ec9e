import { setTimeout as sleep } from 'node:timers/promises';
import { untilChannelUsable } from './channel-usable.ts';
import type { NetworkContext } from '../processes/peer-cli.ts';
import { localHost, type Organisation } from '../topology/topology.ts';

/**
 * Waits until an orderer takes part in ordering: it has signed a block that the channel made meanwhile. One that has
 * only copied blocks counts for nothing yet, and the channel would stop if another orderer went away.
 */
export async function untilOrdererTakesPart(
  network: NetworkContext,
  orderer: Organisation,
  usable: readonly Organisation[],
): Promise<void> {
  const { topology } = network;
  const end = performance.now() + topology.timeouts.ready * 1000;
  for (;;) {
    await untilChannelUsable(network, usable);
    const others = await Promise.all(topology.organisations.map((o) => decided(network, o)));
    const goal = Math.max(...others);
    for (let tries = 0; tries < 10; tries += 1) {
      if ((await decided(network, orderer)) >= goal) return;
      await sleep(100);
    }
    if (performance.now() > end) {
      throw new Error(`the orderer of ${orderer.name} does not take part in ordering`);
    }
  }
}

/** Organisations in the order in which to restart their orderers: the one that leads comes last. */
export async function leaderLast(network: NetworkContext): Promise<readonly Organisation[]> {
  const { organisations } = network.topology;
  const leads = await Promise.all(
    organisations.map(async (o) => (await metric(network, o, 'consensus_BFT_is_leader')) === 1),
  );
  return [
    ...organisations.filter((_, i) => !leads[i]),
    ...organisations.filter((_, i) => leads[i]),
  ];
}

/** Number of the last block that an orderer has decided with the others; -1 when it does not answer. */
async function decided(network: NetworkContext, o: Organisation): Promise<number> {
  return (await metric(network, o, 'consensus_BFT_committed_block_number')) ?? -1;
}

async function metric(
  { topology }: NetworkContext,
  o: Organisation,
  name: string,
): Promise<number | undefined> {
  const host = localHost(topology);
  try {
    const response = await fetch(`http://${host}:${o.ports.ordererOperations}/metrics`, {
      signal: AbortSignal.timeout(2_000),
    });
    const value = new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(await response.text())?.[1];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}
