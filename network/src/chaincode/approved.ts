import { createHash } from 'node:crypto';
import type { Topology } from '../topology/topology.ts';

/**
 * The channel's members as the chaincode is told them (JSON): by these it sets the policies of keys, as a chaincode
 * cannot see who is on its channel.
 */
export function membersOf({ organisations, chaincode }: Topology): string {
  return JSON.stringify({
    organisations: organisations.map(({ msp }) => msp),
    auditor: chaincode.auditor,
  });
}

/**
 * SHA-256 (hex) of what organisations approve: the code and its members. The chaincode process computes the same and
 * refuses to start on another one.
 */
export function approvedDigest(topology: Topology, code: string): string {
  return createHash('sha256')
    .update(`${code}\n${membersOf(topology)}`)
    .digest('hex');
}
