import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { checkTopology } from './check-topology.ts';
import {
  PORT_NAMES,
  type Organisation,
  type PortName,
  type Role,
  type Topology,
} from './topology-shape.ts';

export { PORT_NAMES, ROLES } from './topology-shape.ts';
export type { Organisation, PortName, Role, Topology } from './topology-shape.ts';

const DEFAULT_TOPOLOGY = fileURLToPath(new URL('../../topology.yaml', import.meta.url));

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

/** Tells where a process of this machine reaches one that listens on `bindHost`. */
export function localHost(topology: Topology): string {
  const host = bindHost(topology);
  return host === '0.0.0.0' ? '127.0.0.1' : host;
}

/** Orderer signatures that make a block: ceil((n + f + 1) / 2), with f = floor((n - 1) / 3). */
export function quorumOf(topology: Topology): number {
  const n = topology.organisations.length;
  const f = Math.floor((n - 1) / 3);
  return Math.ceil((n + f + 1) / 2);
}
