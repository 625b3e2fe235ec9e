import type { Conformance, PackageEntry } from './package.ts';

/** Types of resources that are used out of a package. */
const USED: ReadonlySet<string> = new Set([
  ...['StructureDefinition', 'ValueSet', 'CodeSystem', 'SearchParameter', 'ConceptMap'],
]);

/** Holds what a package's `.index.json` says of one file, as far as it is used. */
export interface IndexLine {
  readonly filename: string;
  readonly resourceType?: string;
  readonly url?: string;
  readonly version?: string;
}

/** Tells whether a file of a package may hold what is used, by its name or its line of the index. */
export function mayBeUsed(filename: string, line: IndexLine | undefined): boolean {
  if (!filename.endsWith('.json') || filename.startsWith('.') || filename === 'package.json') {
    return false;
  }
  return line?.resourceType === undefined || USED.has(line.resourceType);
}

/**
 * The entry of one file; undefined for what is not used.
 * @param text the file's content, read when needed
 */
export function entryOf(text: () => string, line: IndexLine | undefined): PackageEntry | undefined {
  const read = (): Conformance => JSON.parse(text()) as Conformance;
  const { resourceType, url, version } = line?.url === undefined ? read() : line;
  if (typeof resourceType !== 'string' || typeof url !== 'string' || !USED.has(resourceType)) {
    return undefined;
  }
  return { resourceType, url, version: typeof version === 'string' ? version : undefined, read };
}

/** Lines of a package's `.index.json` by file name; empty when it has none that can be used. */
export function readIndex(text: string | undefined): ReadonlyMap<string, IndexLine> {
  if (text === undefined) return new Map();
  const { files } = JSON.parse(text) as { readonly files?: readonly IndexLine[] };
  return new Map((files ?? []).map((line) => [line.filename, line]));
}

/** `name#version` of a package.json. */
export function nameOf(manifest: string | undefined, fallback: string): string {
  if (manifest === undefined) return fallback;
  const { name, version } = JSON.parse(manifest) as Record<string, unknown>;
  return typeof name === 'string' ? `${name}#${String(version)}` : fallback;
}
