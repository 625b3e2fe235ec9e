import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import type { TerminologySource } from '../terminology/source.ts';
import type { Packages } from './packages.ts';

/** The terminology that packages bring. */
export function packageTerminology(packages: Packages): TerminologySource {
  const read = (type: string, url: string, version: string | undefined): unknown =>
    packages.find(type, url, version)?.read();
  return {
    systems: () =>
      packages
        .all('CodeSystem')
        .map(({ url, version }) => ({ url, ...(version === undefined ? {} : { version }) })),
    valueSet: (url, version) => read('ValueSet', url, version) as ValueSet | undefined,
    codeSystem: (url, version) => read('CodeSystem', url, version) as CodeSystem | undefined,
    conceptMap: (url, version) => read('ConceptMap', url, version) as ConceptMap | undefined,
    conceptMaps: (from) =>
      packages
        .all('ConceptMap')
        .map((entry) => entry.read() as unknown as ConceptMap)
        .filter((map) => (map.sourceUri ?? map.sourceCanonical) === from),
  };
}
