import { statSync } from 'node:fs';
import type { Package, PackageEntry } from './package.ts';
import { readArchive } from './read-archive.ts';
import { readFolder } from './read-folder.ts';

/** Holds what several packages bring together. Canonical URLs are given without `|version`. */
export interface Packages {
  readonly names: readonly string[];
  /** Without `version` the one of the package that was named last. */
  readonly find: (resourceType: string, url: string, version?: string) => PackageEntry | undefined;
  /** All of one type; of the same URL and version only one. */
  readonly all: (resourceType: string) => readonly PackageEntry[];
}

/**
 * Reads FHIR packages (https://hl7.org/fhir/R4/packages.html): `.tgz` archives, unpacked ones, and plain folders of
 * JSON resources.
 *
 * @throws Error that names the path when one cannot be read
 */
export function loadPackages(paths: readonly string[]): Packages {
  return packagesOf(
    paths.map((path) => {
      try {
        return statSync(path).isDirectory() ? readFolder(path) : readArchive(path);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : '';
        throw new Error(`${path} is no FHIR package that can be read: ${why}`, { cause });
      }
    }),
  );
}

export function packagesOf(packages: readonly Package[]): Packages {
  const known = new Map<string, PackageEntry>();
  for (const { entries } of packages) {
    for (const entry of entries) {
      known.set(keyOf(entry.resourceType, entry.url), entry);
      if (entry.version !== undefined) {
        known.set(keyOf(entry.resourceType, entry.url, entry.version), entry);
      }
    }
  }
  return {
    names: packages.map(({ name }) => name),
    find: (resourceType, url, version) => known.get(keyOf(resourceType, url, version)),
    all: (resourceType) => [
      ...new Set([...known.values()].filter((entry) => entry.resourceType === resourceType)),
    ],
  };
}

function keyOf(resourceType: string, url: string, version?: string): string {
  return `${resourceType} ${url}${version === undefined ? '' : `|${version}`}`;
}
