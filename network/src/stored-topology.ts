import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { TopologyError } from './check-topology.ts';
import type { Layout } from './layout.ts';
import type { Topology } from './topology.ts';
import { writeFileWhole } from './write-file-whole.ts';

/** Parameters that the channel's first block or the issued certificates have fixed. */
const FIXED = ['channel', 'host', 'ordering', 'organisations'] as const;

export function storedTopology(layout: Layout): Topology | undefined {
  if (!existsSync(layout.topology)) return undefined;
  return JSON.parse(readFileSync(layout.topology, 'utf8')) as Topology;
}

/**
 * Keeps the topology a data folder was made with.
 * @throws TopologyError when the given one differs where the existing network cannot follow.
 */
export function storeTopology(layout: Layout, topology: Topology): void {
  const stored = storedTopology(layout);
  if (stored !== undefined) {
    const faults: string[] = FIXED.filter(
      (key) => !isDeepStrictEqual(stored[key], topology[key]),
    ).map(
      (key) => `${key} differs from what ${layout.root} was created with; use another data folder`,
    );
    if (stored.chaincode.name !== topology.chaincode.name)
      faults.push('chaincode.name cannot change');
    if (
      stored.chaincode.endorsement !== topology.chaincode.endorsement &&
      stored.chaincode.version === topology.chaincode.version
    ) {
      faults.push('chaincode.endorsement changed: give chaincode.version a new value with it');
    }
    if (faults.length > 0) throw new TopologyError('the topology', faults);
  }
  writeFileWhole(layout.topology, `${JSON.stringify(topology, null, 2)}\n`);
}
