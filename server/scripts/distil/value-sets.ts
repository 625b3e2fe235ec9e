import type { Concept, Source, SourceElement, ValueSet, ValueSetPart } from './source.ts';

/** Value set URL → code system URL → codes. */
export type Expansions = Record<string, Record<string, string[]>>;

/**
 * Expands the required bindings of all types, and those of codes that are no mere examples, since they tell of what system
 * a code is; value sets that cannot be enumerated from R4 alone are named in `open`, with the code system that they are
 * the whole of, if so.
 */
export function expandBindings(source: Source): {
  expansions: Expansions;
  open: Map<string, string | undefined>;
} {
  const wanted = new Set<string>();
  for (const structure of source.structures) {
    if (structure.derivation === 'constraint') continue;
    for (const element of structure.snapshot.element) {
      const { strength, valueSet } = element.binding ?? {};
      if (valueSet && (strength === 'required' || (isCode(element) && strength !== 'example')))
        wanted.add(valueSet.split('|')[0] ?? '');
      const widest = isCode(element) ? widestSet(element) : undefined;
      if (widest !== undefined) wanted.add(widest);
    }
  }
  const expansions: Expansions = {};
  const open = new Map<string, string | undefined>();
  for (const url of [...wanted].sort()) {
    const systems = expand(source, url);
    if (!systems) open.set(url, wholeSystem(source, url));
    else {
      expansions[url] = Object.fromEntries(
        [...systems].map(([system, codes]) => [system, [...codes].sort()]),
      );
    }
  }
  return { expansions, open };
}

const MAXIMUM = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/** Returns the URL of the value set from which codes beyond the usual ones are taken. */
export function widestSet({ binding }: Pick<SourceElement, 'binding'>): string | undefined {
  return binding?.extension?.find(({ url }) => url === MAXIMUM)?.valueCanonical;
}

function wholeSystem(source: Source, url: string): string | undefined {
  const { include = [], exclude = [] } = source.valueSets.get(url)?.compose ?? {};
  const [{ system, concept, filter, valueSet } = {}, ...more] = include;
  const restricted = concept ?? filter ?? valueSet ?? more[0] ?? exclude[0];
  return restricted === undefined ? system : undefined;
}

/** An element that can hold nothing but a code without a system. */
export function isCode({ type = [] }: Pick<SourceElement, 'type'>): boolean {
  return type.length > 0 && type.every(({ code }) => code === 'code');
}

type Systems = Map<string, Set<string>>;

function expand(source: Source, url: string): Systems | undefined {
  const set = source.valueSets.get(url);
  if (!set?.compose) return undefined;
  const systems: Systems = new Map();
  for (const part of set.compose.include) if (!include(source, systems, part)) return undefined;
  return exclude(source, systems, set) ? systems : undefined;
}

function include(source: Source, into: Systems, part: ValueSetPart): boolean {
  if (part.filter) return false;
  if (part.valueSet) {
    if (part.system) return false;
    for (const imported of part.valueSet) {
      const systems = expand(source, imported.split('|')[0] ?? '');
      if (!systems) return false;
      for (const [system, codes] of systems) for (const code of codes) add(into, system, code);
    }
    return true;
  }
  if (!part.system) return false;
  const codes = part.concept?.map(({ code }) => code) ?? allCodes(source, part.system);
  if (!codes || codes.length === 0) return false;
  for (const code of codes) add(into, part.system, code);
  return true;
}

function exclude(source: Source, from: Systems, set: ValueSet): boolean {
  for (const part of set.compose?.exclude ?? []) {
    const removed: Systems = new Map();
    if (!include(source, removed, part)) return false;
    for (const [system, codes] of removed) for (const code of codes) from.get(system)?.delete(code);
  }
  return true;
}

function allCodes(source: Source, system: string): string[] | undefined {
  const codes = source.codeSystems.get(system);
  if (codes?.content !== 'complete') return undefined;
  const flatten = (concepts: readonly Concept[]): string[] =>
    concepts.flatMap((concept) => [concept.code, ...flatten(concept.concept ?? [])]);
  return flatten(codes.concept ?? []);
}

function add(into: Systems, system: string, code: string): void {
  const codes = into.get(system);
  if (codes) codes.add(code);
  else into.set(system, new Set([code]));
}
