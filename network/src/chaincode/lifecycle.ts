import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { approvedDigest } from './approved.ts';
import { chaincodePackage, type ChaincodePackage } from './chaincode-package.ts';
import type { ChaincodeProgram } from './chaincode-program.ts';
import { runPeer, viaOrderer, type NetworkContext } from '../processes/peer-cli.ts';
import { CommandError } from '../processes/run-command.ts';
import { addressOf, type Organisation, type Topology } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/** The definition's version carries the digest of code and members: organisations approve these, not an address. */
export const definitionVersion = (topology: Topology, digest: string): string =>
  `${topology.chaincode.version}+${approvedDigest(topology, digest)}`;

/** Signature policy: peers of at least the required number of organisations. */
export function endorsementPolicy(topology: Topology): string {
  const peers = topology.organisations.map((o) => `'${o.msp}.peer'`).join(', ');
  return `OutOf(${topology.chaincode.endorsement}, ${peers})`;
}

/** The organisation's package of this program, also written to its folder for the peer to install. */
export function preparePackage(
  { topology, layout }: NetworkContext,
  o: Organisation,
  program: ChaincodeProgram,
): ChaincodePackage {
  const { tls } = layout.of(o);
  const built = chaincodePackage({
    chaincode: topology.chaincode.name,
    codeDigest: approvedDigest(topology, program.digest),
    address: addressOf(topology, o, 'chaincode'),
    tlsRoot: readFileSync(tls.chaincode.ca, 'utf8'),
  });
  writeFileWhole(packagePath({ layout }, o), built.content);
  return built;
}

const packagePath = ({ layout }: Pick<NetworkContext, 'layout'>, o: Organisation): string =>
  join(layout.of(o).chaincode, 'package.tgz');

export async function installPackage(network: NetworkContext, o: Organisation): Promise<void> {
  await unless('already successfully installed', () =>
    runPeer(network, o, ['lifecycle', 'chaincode', 'install', packagePath(network, o)]),
  );
}

export interface CommittedDefinition {
  readonly sequence: number;
  readonly version: string;
}

/** Returns what the channel has agreed on, as the first organisation's peer knows it. */
export async function committedDefinition(
  network: NetworkContext,
): Promise<CommittedDefinition | undefined> {
  const { topology } = network;
  try {
    const output = await runPeer(network, first(topology), [
      ...['lifecycle', 'chaincode', 'querycommitted', '--output', 'json'],
      ...['-C', topology.channel, '-n', topology.chaincode.name],
    ]);
    return JSON.parse(output) as CommittedDefinition;
  } catch (error) {
    if (error instanceof CommandError && error.output.includes('is not defined')) return undefined;
    throw error;
  }
}

/** Approves for every organisation and commits; each step is skipped where it has been taken. */
export async function defineChaincode(
  network: NetworkContext,
  packageIds: ReadonlyMap<Organisation, string>,
  digest: string,
): Promise<'unchanged' | 'committed'> {
  const { topology } = network;
  const version = definitionVersion(topology, digest);
  const committed = await committedDefinition(network);
  if (committed?.version === version) return 'unchanged';
  const definition = [
    ...['-C', topology.channel, '-n', topology.chaincode.name, '-v', version],
    ...['--sequence', String((committed?.sequence ?? 0) + 1)],
    ...['--signature-policy', endorsementPolicy(topology)],
  ];
  await Promise.all(
    [...packageIds].map(([o, id]) =>
      unless('with unchanged content', () =>
        runPeer(network, o, [
          ...['lifecycle', 'chaincode', 'approveformyorg', '--package-id', id],
          ...definition,
          ...viaOrderer(network),
        ]),
      ),
    ),
  );
  await checkReadiness(network, definition);
  const endorsers = topology.organisations.flatMap((o) => [
    ...['--peerAddresses', addressOf(topology, o, 'peer')],
    ...['--tlsRootCertFiles', network.layout.of(o).tls.peer.ca],
  ]);
  const commit = ['lifecycle', 'chaincode', 'commit', ...definition, ...endorsers];
  await runPeer(network, first(topology), [...commit, ...viaOrderer(network)]);
  return 'committed';
}

async function checkReadiness(network: NetworkContext, definition: string[]): Promise<void> {
  const output = await runPeer(network, first(network.topology), [
    ...['lifecycle', 'chaincode', 'checkcommitreadiness', '--output', 'json'],
    ...definition,
  ]);
  const { approvals } = JSON.parse(output) as { approvals: Record<string, boolean> };
  const missing = Object.keys(approvals).filter((msp) => approvals[msp] !== true);
  if (missing.length > 0)
    throw new Error(`chaincode definition not approved by ${missing.join(', ')}`);
}

async function unless(harmless: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof CommandError && error.output.includes(harmless))) throw error;
  }
}

function first(topology: Topology): Organisation {
  const [organisation] = topology.organisations;
  if (organisation === undefined) throw new Error('topology without organisations');
  return organisation;
}
