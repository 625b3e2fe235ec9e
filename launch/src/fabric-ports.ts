import { loadTopology, PORT_NAMES, shiftPorts, type Topology } from '@chartseal/network/topology';
import { organisations } from './organisations.ts';

const DEFAULT_PORT = 8080;
const PORTS = 65_536;

interface Places {
  readonly topology: Topology;
  readonly ports: readonly number[];
  readonly offsets: readonly number[];
}
/** Found once: that takes some milliseconds. */
let places: Places | undefined;

function placesOf(topology: Topology): Places {
  const ports = portsOf(topology);
  return { topology, ports, offsets: offsets(ports) };
}

/**
 * The network of a stack whose servers have this port and the following ones. Stacks whose servers share no port share
 * no Fabric port either, unless their servers lie thousands of ports apart: each stack has 32 of them.
 */
export function topologyBeside(firstServerPort: number): Topology {
  places ??= placesOf(loadTopology());
  const { topology, ports, offsets: all } = places;
  const slot = Math.floor((firstServerPort - DEFAULT_PORT) / organisations.length);
  // Servers among the Fabric ports are the only ones that may have to make way.
  for (let tried = 0; tried < all.length; tried += 1) {
    const offset = all[(((slot + tried) % all.length) + all.length) % all.length] ?? 0;
    const server = (port: number) =>
      port >= firstServerPort && port < firstServerPort + organisations.length;
    if (!ports.some((port) => server(port + offset))) return shiftPorts(topology, offset);
  }
  return topology;
}

/** By how much the ports can be moved up so that none of these networks shares a port with another, in order. */
function offsets(ports: readonly number[]): readonly number[] {
  const taken = new Uint8Array(PORTS);
  const found: number[] = [];
  for (let offset = 0; Math.max(...ports) + offset < PORTS; offset += 1) {
    if (ports.some((port) => taken[port + offset] === 1)) continue;
    for (const port of ports) taken[port + offset] = 1;
    found.push(offset);
  }
  return found;
}

function portsOf(topology: Topology): readonly number[] {
  return topology.organisations.flatMap(({ ports }) => PORT_NAMES.map((name) => ports[name]));
}
