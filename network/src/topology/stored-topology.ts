import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { checkTopology, TopologyError } from './check-topology.ts';
import type { Layout } from './layout.ts';
import { loadTopology, type Topology } from './topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/** Parameters that the channel's first block or the issued certificates have fixed. */
const FIXED = ['channel', 'host', 'ordering', 'organisations'] as const;

/**
 * The parameters a data folder was made with, with what may change as `topology.yaml` says now.
 * @throws TopologyError when both do not fit together
 */
export function storedTopology(layout: Layout): Topology | undefined {
  const stored = readStored(layout);
  if (stored === undefined) return undefined;
  const { channel, host, ordering, organisations } = stored;
  const together = { ...loadTopology(), channel, host, ordering, organisations };
  return checkTopology(together, `the topology of ${layout.root} with that of this version`);
}

/**
 * Keeps the topology a data folder is made with.
 * @throws TopologyError when the given one differs where the existing network cannot follow.
 */
export function storeTopology(layout: Layout, topology: Topology): void {
  const stored = readStored(layout);
  const faults = stored === undefined ? [] : differences(stored, topology, layout.root);
  if (faults.length > 0) throw new TopologyError('the topology', faults);
  writeFileWhole(layout.topology, `${JSON.stringify(topology, null, 2)}\n`);
}

function differences(stored: Topology, topology: Topology, root: string): string[] {
  const faults: string[] = FIXED.filter(
    (key) => !isDeepStrictEqual(stored[key], topology[key]),
  ).map((key) => `${key} differs from what ${root} was created with; use another data folder`);
  const [before, now] = [stored.chaincode, topology.chaincode];
  if (before.name !== now.name) faults.push('chaincode.name cannot change');
  for (const key of ['endorsement', 'auditor'] as const) {
    if (before[key] !== now[key] && before.version === now.version) {
      faults.push(`chaincode.${key} changed: give chaincode.version a new value with it`);
    }
  }
  return faults;
}

function readStored(layout: Layout): Topology | undefined {
  if (!existsSync(layout.topology)) return undefined;
  return JSON.parse(readFileSync(layout.topology, 'utf8')) as Topology;
}
