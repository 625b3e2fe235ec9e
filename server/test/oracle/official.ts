import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Json = Readonly<Record<string, unknown>>;

const FOLDER = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

/** A file of the official R4 package; decimals as JavaScript reads them. */
export function officialFile(name: string): Json {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Json;
}

/** Names of its resource files, sorted. */
export function officialNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => /^[A-Z]\w+-.*\.json$/.test(name))
    .sort();
}

/** Objects among the items of a JSON array, or nothing. */
export function objects(value: unknown): readonly Json[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).filter((item) => typeof item === 'object' && item !== null) as Json[];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
