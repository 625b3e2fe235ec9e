import { ABOUT } from '../search/compartment.ts';
import type { ElementPath } from '../search/expression/element-path.ts';
import type { Registry } from '../search/registry.ts';
import type { SearchParameter } from '../search/search-parameter.ts';
import { tellsOf } from './deciding-references.ts';

/**
 * Says of a type how a resource of it concerns patients: `never`, as reference data; only `if-named`; or `always`, so that
 * one that names nobody is of somebody who cannot be told. docs/decisions/0052-whose-data-cannot-be-told.md has the table.
 */
export type Concern = 'never' | 'if-named' | 'always';

/** Things, people and containers that R4 has without any patient, too. */
const IF_NAMED: ReadonlySet<string> = new Set([
  ...['Device', 'DeviceMetric', 'Group', 'Schedule', 'Slot', 'Bundle', 'Parameters'],
]);

/** Holds what R4 says of the resources of a type. */
export interface TypeFacts {
  readonly concern: Concern;
  /**
   * The elements that say whom a resource is about: what its parameters `patient` and `subject` look at; where it has none,
   * what puts it into the patient compartment. Of what tells of others, the elements that say of what are not among them.
   */
  readonly about: readonly { readonly path: ElementPath; readonly element: string }[];
  /** Names the first of them, or what it tells of. */
  readonly element: string;
}

const known = new WeakMap<Registry, Map<string, TypeFacts>>();

export function factsOfType(type: string, registry: Registry): TypeFacts {
  const ofRegistry = known.get(registry) ?? new Map<string, TypeFacts>();
  known.set(registry, ofRegistry);
  const facts = ofRegistry.get(type) ?? madeFacts(type, registry);
  ofRegistry.set(type, facts);
  return facts;
}

function madeFacts(type: string, registry: Registry): TypeFacts {
  const parameters = aboutParameters(type, registry);
  const about = parameters.flatMap(({ paths }) =>
    paths.map((path) => ({ path, element: `${type}.${namesOf(path)}` })),
  );
  const [told] = tellsOf(type).map((path) => `${type}.${path.join('.')}`);
  const isAbout = parameters.some(({ targets }) => targets.includes('Patient'));
  const inside = registry.definitions.compartments.get('Patient')?.get(type) ?? [];
  const isOfPatients = inside.length > 0 || isAbout || told !== undefined;
  const concern = IF_NAMED.has(type) ? 'if-named' : isOfPatients ? 'always' : 'never';
  return { concern, about, element: about[0]?.element ?? told ?? type };
}

function aboutParameters(type: string, registry: Registry): readonly SearchParameter[] {
  // Its agents are not whom an audit event is about, and its entities are what it tells of; a Patient is about itself.
  if (type === 'AuditEvent' || type === 'Patient') return [];
  const parameters = registry.builtIn(type);
  const codes = ABOUT.filter((code) => parameters.has(code));
  const inside = registry.definitions.compartments.get('Patient')?.get(type) ?? [];
  return (codes.length > 0 ? codes : inside).flatMap((code) => parameters.get(code) ?? []);
}

function namesOf({ steps }: ElementPath): string {
  return steps.map(({ properties }) => properties[0]?.name ?? '').join('.');
}

/** Tells whether resources of a type can concern a patient at all. */
export function canConcern(registry: Registry, type: string): boolean {
  return factsOfType(type, registry).concern !== 'never';
}
