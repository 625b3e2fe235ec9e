import { ABOUT } from '../search/compartment.ts';
import type { Registry } from '../search/registry.ts';
import { TELLS_OF } from './deciding-references.ts';

/**
 * Tells whether resources of a type can concern a patient: they lie in the compartment, say whom they are about, or tell of
 * other resources. Organisations, medications and definitions are nobody's, also where another resource holds them.
 */
export function canConcern(registry: Registry, type: string): boolean {
  if (type === 'Patient' || CARRIERS.has(type) || TELLS_OF.has(type)) return true;
  const codes = registry.definitions.compartments.get('Patient')?.get(type) ?? [];
  return codes.length > 0 || ABOUT.some((code) => registry.builtIn(type).has(code));
}

const CARRIERS: ReadonlySet<string> = new Set(['Bundle', 'Parameters']);
