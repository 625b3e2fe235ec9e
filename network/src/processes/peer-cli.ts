import { join } from 'node:path';
import type { Layout } from '../topology/layout.ts';
import { peerConfigDir } from './node-config.ts';
import { runCommand } from './run-command.ts';
import { addressOf, type Organisation, type Topology } from '../topology/topology.ts';

/** Holds what every act on a running network needs. */
export interface NetworkContext {
  readonly topology: Topology;
  readonly layout: Layout;
  readonly bin: string;
}

/** Runs Fabric's `peer` command as the organisation's administrator against its own peer. */
export async function runPeer(
  { topology, layout, bin }: NetworkContext,
  o: Organisation,
  args: readonly string[],
): Promise<string> {
  const { msps, tls } = layout.of(o);
  return runCommand(join(bin, 'peer'), args, {
    timeout: topology.timeouts.command,
    env: {
      FABRIC_CFG_PATH: peerConfigDir(layout, o),
      FABRIC_LOGGING_SPEC: 'warn',
      CORE_PEER_MSPCONFIGPATH: msps.admin,
      CORE_PEER_ADDRESS: addressOf(topology, o, 'peer'),
      CORE_PEER_TLS_ROOTCERT_FILE: tls.peer.ca,
    },
  });
}

/**
 * Arguments that send a transaction to the first orderer: it leads a new BFT channel, and any other
 * one would keep the transaction for RequestForwardTimeout before passing it on.
 */
export function viaOrderer({ topology, layout }: NetworkContext): string[] {
  const [first] = topology.organisations;
  if (first === undefined) throw new Error('topology without organisations');
  const address = addressOf(topology, first, 'orderer');
  return ['-o', address, '--tls', '--cafile', layout.of(first).tls.orderer.ca];
}
