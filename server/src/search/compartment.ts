import type { Filter } from './query.ts';
import type { Registry } from './registry.ts';

/**
 * A compartment: https://hl7.org/fhir/R4/compartmentdefinition.html
 *
 * @rule compartment
 */
export interface Compartment {
  /** Patient, Encounter, RelatedPerson, Practitioner or Device. */
  readonly type: string;
  readonly id: string;
}

/** Tells whether R4 defines compartments of the type. */
export function hasCompartments(registry: Registry, type: string): boolean {
  return registry.definitions.compartments.has(type);
}

/** Types that compartments of a type can hold, sorted. */
export function typesWithin(registry: Registry, compartmentType: string): readonly string[] {
  return [...(registry.definitions.compartments.get(compartmentType)?.keys() ?? [])].sort();
}

/** Resources of a type that lie in the compartment; a patient lies in its own, as everywhere in this server. */
export function withinCompartment(
  registry: Registry,
  { type: of, id }: Compartment,
  type: string,
): Filter {
  const params = registry.definitions.compartments.get(of)?.get(type) ?? [];
  const itself: Filter = { op: 'id', ids: [id] };
  const any = params.map((param): Filter =>
    param === '_id' ? itself : { op: 'reference', param, target: `${of}/${id}` },
  );
  if (of === 'Patient' && type === of) any.push(itself);
  return { op: 'or', any };
}
