import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLine } from '../read-line.ts';
import type { Conformance, Package, PackageEntry } from './package.ts';

/** By canonical URL: first byte and number of bytes of its line. */
export type StructureIndex = Readonly<Record<string, readonly [offset: number, length: number]>>;

/**
 * R4's own StructureDefinitions as `scripts/distil-definitions.ts` left them. Each is read from the file when it is
 * asked for.
 */
export function officialStructures(folder: string): Package {
  const index = JSON.parse(
    readFileSync(join(folder, 'structures-index.json'), 'utf8'),
  ) as StructureIndex;
  const file = join(folder, 'structures.ndjson');
  const entries = Object.entries(index).map(([url, [offset, length]]): PackageEntry => ({
    resourceType: 'StructureDefinition',
    url,
    version: '4.0.1',
    read: () => JSON.parse(readLine(file, offset, length)) as Conformance,
  }));
  return { name: 'hl7.fhir.r4.core#4.0.1', entries };
}
