import { typesWithin } from '../../search/compartment.ts';
import type { Registry } from '../../search/registry.ts';

/** Types that lie in compartments of a type, its own included, sorted. */
export function typesOfEverything(registry: Registry, of: string): readonly string[] {
  return [...new Set([of, ...typesWithin(registry, of)])].sort();
}
