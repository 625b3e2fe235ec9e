import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
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
    read: () => JSON.parse(lineAt(file, offset, length)) as Conformance,
  }));
  return { name: 'hl7.fhir.r4.core#4.0.1', entries };
}

function lineAt(file: string, offset: number, length: number): string {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  try {
    if (readSync(handle, bytes, 0, length, offset) !== length)
      throw new Error(`${file} is cut off`);
  } finally {
    closeSync(handle);
  }
  return bytes.toString('utf8');
}
