import { ABOUT } from '../search/compartment.ts';
import type { ElementPath } from '../search/expression/element-path.ts';
import type { Registry } from '../search/registry.ts';
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

export function concernOf(type: string, registry: Registry): Concern {
  if (IF_NAMED.has(type)) return 'if-named';
  const inside = registry.definitions.compartments.get('Patient')?.get(type) ?? [];
  const isAbout = aboutParameters(type, registry).some(({ targets }) =>
    targets.includes('Patient'),
  );
  return inside.length > 0 || isAbout || type === 'Binary' || tellsOf(type).length > 0
    ? 'always'
    : 'never';
}

interface AboutParameter {
  readonly paths: readonly ElementPath[];
  readonly targets: readonly string[];
}

/**
 * The elements that say whom a resource is about: what its parameters `patient` and `subject` look at; where it has none,
 * what puts it into the patient compartment. Of what tells of others, the elements that say of what are not among them.
 */
export function aboutParameters(type: string, registry: Registry): readonly AboutParameter[] {
  // Its agents are not whom an audit event is about, and its entities are what it tells of; a Patient is about itself.
  if (type === 'AuditEvent' || type === 'Patient') return [];
  const parameters = registry.builtIn(type);
  const codes = ABOUT.filter((code) => parameters.has(code));
  const inside = registry.definitions.compartments.get('Patient')?.get(type) ?? [];
  return (codes.length > 0 ? codes : inside).flatMap((code): AboutParameter[] => {
    const { paths = [], targets = [] } = parameters.get(code) ?? {};
    return [{ paths, targets }];
  });
}

/** Tells whether resources of a type can concern a patient at all. */
export function canConcern(registry: Registry, type: string): boolean {
  return concernOf(type, registry) !== 'never';
}
