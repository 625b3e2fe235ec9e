import { FhirError } from '../../fhir/errors.ts';
import type { ParseOptions } from '../parse/criterion.ts';
import { parseSearch } from '../parse/parse.ts';
import type { ParsedSearch } from '../parse/parse.ts';
import type { Registry } from '../registry.ts';
import type { Expansion } from './expand.ts';

/**
 * A search that a named query is a part of. Its criteria are all understood or the search is refused, whatever the
 * handling: without one of them it would be another query. Links name the query, not what it means.
 *
 * @param types that are searched
 * @param parse reads all of the search, the query's criteria first
 * @throws FhirError that names the query's own parameters, or `_query`
 */
export function parseNamed(
  named: Expansion | undefined,
  types: readonly string[],
  by: { readonly registry: Registry; readonly options: ParseOptions },
  parse: () => ParsedSearch,
): ParsedSearch {
  if (named === undefined) return parse();
  for (const type of types) assertUnderstood(named, type, by);
  const parsed = parse();
  const expanded = named.criteria.map(({ pair }) => pair);
  const evaluated = parsed.used.slice(0, expanded.length);
  if (JSON.stringify(evaluated) !== JSON.stringify(expanded)) {
    const what = `Named query ${named.name}: other parameters of the search keep its criteria from being evaluated`;
    throw new FhirError('invalid', what, { expression: 'http._query' });
  }
  return { ...parsed, used: [...named.asked, ...parsed.used.slice(expanded.length)], expanded };
}

function assertUnderstood(
  { name, criteria }: Expansion,
  type: string,
  { registry, options }: { readonly registry: Registry; readonly options: ParseOptions },
): void {
  for (const { pair, from } of criteria) {
    try {
      parseSearch(type, [pair], registry, { ...options, handling: 'strict' });
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      const expression = (from.length > 0 ? from : ['_query']).map((each) => `http.${each}`);
      throw new FhirError(error.code, `Named query ${name}: ${error.message}`, { expression });
    }
  }
}
