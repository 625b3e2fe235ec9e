import type { Json, Surroundings } from '@chartseal/fhirpath';

export type { Json, Surroundings };

/** Tells whether an invariant holds. The element may be any JSON object, valid or not: rules never throw. */
export type Rule = (element: Json, around: Surroundings) => boolean;

/** The objects of a repeating element; empty when it is absent or something else. */
export function objectsOf(value: unknown): readonly Json[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is Json => typeof item === 'object' && item !== null);
}
