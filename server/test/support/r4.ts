import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadR4 } from '../../src/r4/r4.ts';

export const BASE = 'http://127.0.0.1:8080/fhir';
export const DEFINITIONS = join(import.meta.dirname, '../../definitions');

/** One for all tests of a file: loading takes a moment. */
export const r4 = loadR4(DEFINITIONS, { base: BASE });

export type Json = Record<string, unknown>;

const corpus = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

/** An official R4 example, e.g. `Observation-f001`. */
export function example(name: string): Json {
  return JSON.parse(readFileSync(join(corpus, `${name}.json`), 'utf8')) as Json;
}

/** Names of the official examples whose file name passes the test. */
export function exampleNames(wanted: (name: string) => boolean): string[] {
  return readdirSync(corpus)
    .filter((name) => /^[A-Z]\w+-.*\.json$/.test(name))
    .map((name) => name.slice(0, -'.json'.length))
    .filter(wanted);
}
