import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import { readLine } from '../read-line.ts';
import type { TerminologySource } from './source.ts';

/** Says where a line begins in `terminology.ndjson`, its length (both in bytes), and the version of the resource. */
export type FilePart = readonly [start: number, length: number, version: string];

/** `terminology-index.json`: by canonical URL; `from` gives the maps' URLs by the value set they start at. */
export interface TerminologyIndex {
  readonly fhirVersion: string;
  readonly codeSystems: Readonly<Record<string, FilePart>>;
  readonly valueSets: Readonly<Record<string, FilePart>>;
  readonly conceptMaps: Readonly<Record<string, FilePart>>;
  readonly from: Readonly<Record<string, readonly string[]>>;
  /** Value sets of all codes of a code system, where that says so and there is no other definition. */
  readonly wholes: Readonly<Record<string, string>>;
}

/**
 * R4's own code systems, value sets and maps as distilled. Nothing of them stays in memory but where they are, and
 * that only from the first question on.
 * @param folder where the distilled definitions are
 */
export function officialSource(folder: string): TerminologySource {
  const path = join(folder, 'terminology-index.json');
  let index: TerminologyIndex | undefined;
  const known = (): TerminologyIndex =>
    (index ??= JSON.parse(readFileSync(path, 'utf8')) as TerminologyIndex);
  const read = (
    places: Readonly<Record<string, FilePart>>,
    url: string,
    version: string | undefined,
  ): unknown => {
    // Some of R4's own URLs of tables of HL7 v2 have their version in them.
    const key = [url, `${url}|${version ?? ''}`].find((one) => Object.hasOwn(places, one));
    const place = key === undefined ? undefined : places[key];
    if (place === undefined) return undefined;
    // R4 names its release where it binds to terminology whose own version is another.
    const fits =
      version === undefined ||
      key !== url ||
      version === place[2] ||
      version === known().fhirVersion;
    return fits
      ? JSON.parse(readLine(join(folder, 'terminology.ndjson'), place[0], place[1]))
      : undefined;
  };
  const map = (url: string, version?: string): ConceptMap | undefined =>
    read(known().conceptMaps, url, version) as ConceptMap | undefined;
  if (!existsSync(path)) throw new Error(`The definitions in ${folder} are not complete`);
  return {
    codeSystem: (url, version) => read(known().codeSystems, url, version) as CodeSystem | undefined,
    valueSet: (url, version) =>
      (read(known().valueSets, url, version) as ValueSet | undefined) ?? whole(known().wholes, url),
    conceptMap: map,
    systems: () =>
      Object.entries(known().codeSystems).map(([url, [, , version]]) => ({ url, version })),
    conceptMaps: (from) => {
      const urls = Object.hasOwn(known().from, from) ? known().from[from] : undefined;
      return (urls ?? []).flatMap((url) => map(url) ?? []);
    },
  };
}

function whole(wholes: TerminologyIndex['wholes'], url: string): ValueSet | undefined {
  const system = Object.hasOwn(wholes, url) ? wholes[url] : undefined;
  if (system === undefined) return undefined;
  return { resourceType: 'ValueSet', url, status: 'active', compose: { include: [{ system }] } };
}
