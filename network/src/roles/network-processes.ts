import { delimiter, dirname, join } from 'node:path';
import { approvedDigest, membersOf } from '../chaincode/approved.ts';
import type { ChaincodeProgram } from '../chaincode/chaincode-program.ts';
import type { Layout } from '../topology/layout.ts';
import { ordererConfigDir, peerConfigDir } from '../processes/node-config.ts';
import type { ProcessDefinition } from '../processes/start-process.ts';
import {
  addressOf,
  ROLES,
  type Organisation,
  type Role,
  type Topology,
} from '../topology/topology.ts';

export const processName = (role: Role, organisation: Organisation): string =>
  `${role}.${organisation.name}`;

/** Every process of the network: orderers first, then peers, then chaincodes. */
export function processNames(topology: Topology): string[] {
  return ROLES.flatMap((role) => topology.organisations.map((o) => processName(role, o)));
}

/** @throws Error naming the processes that exist when `name` is none of them. */
export function findProcess(
  topology: Topology,
  name: string,
): { readonly role: Role; readonly organisation: Organisation } {
  for (const role of ROLES) {
    for (const organisation of topology.organisations) {
      if (processName(role, organisation) === name) return { role, organisation };
    }
  }
  throw new Error(`no process ${name}; there are ${processNames(topology).join(', ')}`);
}

/** Collecting half as often saves a tenth of Fabric's processor time for some 100 MB over all processes. */
const GARBAGE_COLLECTION = { GOGC: '200' };

export function ordererProcess(
  topology: Topology,
  layout: Layout,
  bin: string,
  o: Organisation,
): ProcessDefinition {
  return {
    name: processName('orderer', o),
    command: join(bin, 'orderer'),
    args: [],
    cwd: layout.of(o).orderer,
    env: {
      ...GARBAGE_COLLECTION,
      FABRIC_CFG_PATH: ordererConfigDir(layout, o),
      FABRIC_LOGGING_SPEC: topology.logging,
    },
  };
}

export function peerProcess(
  topology: Topology,
  layout: Layout,
  bin: string,
  o: Organisation,
): ProcessDefinition {
  const { peer, tls } = layout.of(o);
  return {
    name: processName('peer', o),
    command: join(bin, 'peer'),
    args: ['node', 'start'],
    cwd: peer,
    env: {
      ...GARBAGE_COLLECTION,
      FABRIC_CFG_PATH: peerConfigDir(layout, o),
      FABRIC_LOGGING_SPEC: topology.logging,
      // For the builder's release step.
      CHAINCODE_CLIENT_CERT: tls.peer.certificate,
      CHAINCODE_CLIENT_KEY: tls.peer.key,
    },
  };
}

export function chaincodeProcess(
  topology: Topology,
  layout: Layout,
  o: Organisation,
  program: ChaincodeProgram & { readonly packageId: string },
): ProcessDefinition {
  const { chaincode, tls } = layout.of(o);
  return {
    name: processName('chaincode', o),
    command: process.execPath,
    args: [program.main],
    cwd: chaincode,
    env: {
      NODE_ENV: 'production',
      PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      CHAINCODE_ID: program.packageId,
      CHAINCODE_ADDRESS: addressOf(topology, o, 'chaincode'),
      CHAINCODE_TLS_KEY: tls.chaincode.key,
      CHAINCODE_TLS_CERT: tls.chaincode.certificate,
      CHAINCODE_CLIENT_CA: tls.chaincode.ca,
      CHAINCODE_MEMBERS: membersOf(topology),
      CHAINCODE_DIGEST: approvedDigest(topology, program.digest),
    },
  };
}
