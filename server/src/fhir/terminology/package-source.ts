import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import type { Conformance, Packages } from '../packages/packages.ts';
import type { TerminologySource } from './source.ts';

/** Code systems, value sets and maps of loaded packages. */
export function packageSource(packages: Packages): TerminologySource {
  const find = (type: string, url: string, version?: string): Conformance | undefined =>
    packages.find(type, url, version)?.read();
  return {
    codeSystem: (url, version) =>
      find('CodeSystem', url, version) as unknown as CodeSystem | undefined,
    valueSet: (url, version) => find('ValueSet', url, version) as unknown as ValueSet | undefined,
    conceptMap: (url, version) =>
      find('ConceptMap', url, version) as unknown as ConceptMap | undefined,
    conceptMaps: (from) =>
      packages
        .all('ConceptMap')
        .map((entry) => entry.read() as unknown as ConceptMap)
        .filter((map) => (map.sourceUri ?? map.sourceCanonical) === from),
  };
}
