import type { CodeSystem, CodeSystemConcept } from 'fhir/r4.js';

export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly designation?: CodeSystemConcept['designation'];
  readonly property?: CodeSystemConcept['property'];
  /** Says that it only groups others, and is not to be recorded as it stands. */
  readonly abstract?: true;
  readonly inactive?: true;
}

export interface OwnFilter {
  readonly property: string;
  readonly op: string;
  readonly value: string;
}

/** A code system as far as it is known here. */
export interface CodeSystemView {
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  readonly title?: string;
  /** `whole`: a code that is not found does not exist. `part`: it may exist all the same. */
  readonly known: 'whole' | 'part';
  readonly find: (code: string) => Concept | undefined;
  /** In the order of the definition; undefined when codes cannot be listed (a grammar). */
  readonly all: () => readonly Concept[] | undefined;
  /** Direct ones, by subsumption. */
  readonly parents: (code: string) => readonly string[];
  readonly children: (code: string) => readonly string[];
  /** Codes of properties and filters that the definition declares. */
  readonly declares: (property: string) => boolean;
  /** A filter of its own; undefined for those that all code systems have. */
  readonly ownFilter?: (filter: OwnFilter) => ((concept: Concept) => boolean) | undefined;
}

const PARENT = 'http://hl7.org/fhir/concept-properties#parent';
const CHILD = 'http://hl7.org/fhir/concept-properties#child';
const RETIRED = new Set(['retired', 'inactive']);

const views = new WeakMap<CodeSystem, CodeSystemView>();

/** The view of a CodeSystem resource, kept as long as the resource is: http://hl7.org/fhir/R4/codesystem.html */
export function viewOf(resource: CodeSystem): CodeSystemView {
  const known = views.get(resource);
  if (known !== undefined) return known;
  const made = makeView(resource);
  views.set(resource, made);
  return made;
}

function makeView(resource: CodeSystem): CodeSystemView {
  const fold = (code: string): string =>
    resource.caseSensitive === false ? code.toLowerCase() : code;
  const concepts = new Map<string, Concept>();
  const parents = new Map<string, Set<string>>();
  const children = new Map<string, Set<string>>();
  const isA = resource.hierarchyMeaning === undefined || resource.hierarchyMeaning === 'is-a';
  const link = (parent: string, child: string): void => {
    put(children, parent, child);
    put(parents, child, parent);
  };
  const named = (uri: string, usual: string): Set<string> =>
    new Set([
      usual,
      ...(resource.property ?? []).filter((one) => one.uri === uri).map(({ code }) => code),
    ]);
  const up = named(PARENT, 'parent').add('subsumedBy');
  const down = named(CHILD, 'child');

  const add = (concept: CodeSystemConcept, parent: string | undefined): void => {
    const key = fold(concept.code);
    if (!concepts.has(key)) concepts.set(key, conceptOf(concept));
    if (parent !== undefined && isA) link(parent, concept.code);
    for (const { code, valueCode } of concept.property ?? []) {
      if (valueCode === undefined) continue;
      if (up.has(code)) link(valueCode, concept.code);
      else if (down.has(code)) link(concept.code, valueCode);
    }
    for (const one of concept.concept ?? []) add(one, concept.code);
  };
  for (const concept of resource.concept ?? []) add(concept, undefined);

  const declared = new Set([
    ...(resource.property ?? []).map(({ code }) => code),
    ...(resource.filter ?? []).map(({ code }) => code),
  ]);
  const list = [...concepts.values()];
  const canonical = (code: string): string => concepts.get(fold(code))?.code ?? code;
  return {
    url: resource.url ?? '',
    ...(resource.version === undefined ? {} : { version: resource.version }),
    ...(resource.name === undefined ? {} : { name: resource.name }),
    ...(resource.title === undefined ? {} : { title: resource.title }),
    known: resource.content === 'complete' ? 'whole' : 'part',
    find: (code) => concepts.get(fold(code)),
    all: () => (resource.content === 'not-present' ? undefined : list),
    parents: (code) => [...(parents.get(canonical(code)) ?? [])],
    children: (code) => [...(children.get(canonical(code)) ?? [])],
    declares: (property) => declared.has(property),
  };
}

function conceptOf(concept: CodeSystemConcept): Concept {
  const { code, display, definition, designation, property } = concept;
  return {
    code,
    ...(display === undefined ? {} : { display }),
    ...(definition === undefined ? {} : { definition }),
    ...(designation === undefined ? {} : { designation }),
    ...(property === undefined ? {} : { property }),
    ...(isSet(property, ['notSelectable', 'abstract']) && { abstract: true as const }),
    ...((isSet(property, ['inactive']) || isRetired(property)) && { inactive: true as const }),
  };
}

function isSet(properties: Concept['property'], codes: readonly string[]): boolean {
  return (
    properties?.some(({ code, valueBoolean }) => valueBoolean === true && codes.includes(code)) ??
    false
  );
}

function isRetired(properties: Concept['property']): boolean {
  return (
    properties?.some(({ code, valueCode }) => code === 'status' && RETIRED.has(valueCode ?? '')) ??
    false
  );
}

function put(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

/** The code and all that it subsumes. */
export function descendants(view: CodeSystemView, code: string): ReadonlySet<string> {
  return closure(code, view.children);
}

/** The code and all that subsume it. */
export function ancestors(view: CodeSystemView, code: string): ReadonlySet<string> {
  return closure(code, view.parents);
}

function closure(code: string, next: (code: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set([code]);
  for (const one of seen) for (const other of next(one)) seen.add(other);
  return seen;
}
