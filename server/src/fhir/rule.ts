export type Json = Readonly<Record<string, unknown>>;

/** Holds what an invariant may look at besides the element itself. */
export interface Surroundings {
  /** The resource that directly holds the element. */
  readonly resource: Json;
  /** The resource that holds `resource` when that is a contained one; else the same. */
  readonly root: Json;
}

/** Tells whether an invariant holds. The element may be any JSON object, valid or not: rules never throw. */
export type Rule = (element: Json, around: Surroundings) => boolean;

/** The objects of a repeating element; empty when it is absent or something else. */
export function objectsOf(value: unknown): readonly Json[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is Json => typeof item === 'object' && item !== null);
}
