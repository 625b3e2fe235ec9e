import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { checkTopology } from './check-topology.ts';

/** The network's parameters, as `topology.yaml` states them. */
export interface Topology {
  readonly channel: string;
  /** Host of every process; `{role}` and `{organisation}` are filled in by {@link hostOf}. */
  readonly host: string;
  readonly chaincode: {
    readonly name: string;
    readonly version: string;
    /** Number of organisations whose peers must agree. */
    readonly endorsement: number;
  };
  readonly ordering: {
    readonly requestBatchMaxInterval: string;
    readonly requestForwardTimeout: string;
    readonly requestComplainTimeout: string;
    readonly leaderHeartbeatTimeout: string;
    readonly viewChangeTimeout: string;
    readonly maxMessageCount: number;
    readonly absoluteMaxBytes: string;
    readonly preferredMaxBytes: string;
  };
  readonly certificates: { readonly lifetime: string; readonly authorityLifetime: string };
  readonly peer: {
    readonly proposalTimeWindow: string;
    readonly gossip: {
      readonly reconnectInterval: string;
      readonly stateInterval: string;
      readonly aliveInterval: string;
      readonly aliveExpiration: string;
    };
    readonly gatewayConcurrency: number;
  };
  readonly logging: string;
  /** Seconds. */
  readonly timeouts: { readonly command: number; readonly ready: number; readonly stop: number };
  readonly organisations: readonly Organisation[];
}

export interface Organisation {
  readonly name: string;
  readonly msp: string;
  /** FHIR reference of the organisation, carried by its identities as attribute `fhir.org`. */
  readonly reference: string;
  readonly ports: Readonly<Record<PortName, number>>;
}

export const PORT_NAMES = [
  'orderer',
  'peer',
  'chaincodeListener',
  'chaincode',
  'ordererAdmin',
  'ordererOperations',
  'peerOperations',
  'ca',
] as const;
export type PortName = (typeof PORT_NAMES)[number];

/** The long-running processes of one organisation, in the order in which they are started. */
export const ROLES = ['orderer', 'peer', 'chaincode'] as const;
export type Role = (typeof ROLES)[number];

export const DEFAULT_TOPOLOGY = fileURLToPath(new URL('../topology.yaml', import.meta.url));

/** @throws TopologyError naming every element that is missing, malformed or in conflict. */
export function loadTopology(path: string = DEFAULT_TOPOLOGY): Topology {
  return checkTopology(parse(readFileSync(path, 'utf8')), path);
}

/** The same network on other ports, so that several can run on one machine. */
export function shiftPorts(topology: Topology, offset: number): Topology {
  const shift = (ports: Organisation['ports']) =>
    Object.fromEntries(
      PORT_NAMES.map((name) => [name, ports[name] + offset]),
    ) as Organisation['ports'];
  return checkTopology(
    {
      ...topology,
      organisations: topology.organisations.map((o) => ({ ...o, ports: shift(o.ports) })),
    },
    `topology with ports shifted by ${offset}`,
  );
}

export function hostOf(topology: Topology, role: string, organisation: Organisation): string {
  return topology.host.replace('{role}', role).replace('{organisation}', organisation.name);
}

/** `host:port` of one of an organisation's listeners; `role` is the process that listens. */
export function addressOf(
  topology: Topology,
  organisation: Organisation,
  role: Role | 'ca',
  port: PortName = role,
): string {
  return `${hostOf(topology, role, organisation)}:${organisation.ports[port]}`;
}

/** Address to bind: the named loopback address, or every interface where the host is a name. */
export function bindHost(topology: Topology): string {
  return /^[0-9.]+$/.test(topology.host) ? topology.host : '0.0.0.0';
}

/** Orderer signatures that make a block: ceil((n + f + 1) / 2), with f = floor((n - 1) / 3). */
export function quorumOf(topology: Topology): number {
  const n = topology.organisations.length;
  const f = Math.floor((n - 1) / 3);
  return Math.ceil((n + f + 1) / 2);
}
