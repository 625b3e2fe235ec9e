import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';

/**
 * Is where terminology comes from: R4's own definitions, loaded packages, what is stored here. Resources are parsed
 * JSON and may be made anew at each call; who asks keeps them. Without `version` it is the newest that the source has.
 */
export interface TerminologySource {
  readonly valueSet: (url: string, version?: string) => ValueSet | undefined;
  readonly codeSystem: (url: string, version?: string) => CodeSystem | undefined;
  /** All maps whose source is this value set or code system; absent: the source has none. */
  readonly conceptMaps?: (from: string) => readonly ConceptMap[];
  readonly conceptMap?: (url: string, version?: string) => ConceptMap | undefined;
  /** The code systems it has; absent: they are not listed. */
  readonly systems?: () => readonly KnownSystem[];
}

export interface KnownSystem {
  readonly url: string;
  readonly version?: string;
}

/** `url|version`, as canonical references are written. */
export function splitCanonical(canonical: string): {
  readonly url: string;
  readonly version: string | undefined;
} {
  const bar = canonical.indexOf('|');
  if (bar < 0) return { url: canonical, version: undefined };
  return { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) };
}
