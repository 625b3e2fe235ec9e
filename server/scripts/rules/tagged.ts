import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = '{evidence,chaincode,server}/src/**/*.ts';

/** Finds what the comments of files say they implement (`@rule <term>, <term>`). Returns files by term, both sorted. */
export function tagged(root: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const file of globSync(SOURCES, { cwd: root }).toSorted()) {
    for (const [, terms = ''] of readFileSync(join(root, file), 'utf8').matchAll(
      /^\s*\* @rule (.+)$/gm,
    )) {
      for (const term of terms.split(', ')) {
        const files = found.get(term) ?? new Set();
        found.set(term, files.add(file));
      }
    }
  }
  return new Map(
    [...found]
      .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([term, files]) => [term, [...files]]),
  );
}
