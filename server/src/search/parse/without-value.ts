import { printable } from '../../fhir/printable.ts';
import type { ParsedSearch } from './parse.ts';

/**
 * Parameters that were sent without a value, each once: nothing is searched by them, which has to be told.
 *
 * @rule :missing
 */
export function withoutValue(
  pairs: readonly (readonly [name: string, value: string])[],
): ParsedSearch['ignored'] {
  const names = pairs.filter(([, value]) => value === '').map(([name]) => printable(name));
  return [...new Set(names)].map((name) => ({ name, reason: `${name} has no value` }));
}
