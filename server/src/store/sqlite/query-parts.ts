import type { SearchQuery } from '../../search/query.ts';
import { chooseDriver } from './choose-driver.ts';
import type { Looking } from './choose-driver.ts';
import type { Scope } from './criterion-sql.ts';
import type { Dictionary } from './dictionary.ts';
import { containsNone } from './inside-sql.ts';
import { conjuncts } from './sources-sql.ts';
import type { Part } from './sources-sql.ts';
import type { Moment } from './sql.ts';

/** One for each type; of several, for each that has been written at all, and for none that surely has nothing. */
export function queryParts(
  { others, inside, ...query }: SearchQuery,
  by: Looking & { readonly at: Moment; readonly dictionary: Dictionary },
): Part[] {
  const { at, dictionary } = by;
  const { type, filter } = query;
  const typed = [{ type, filter, ...(inside && { inside }) }, ...(others ?? [])];
  return typed
    .filter((one) => !others || dictionary.param(one.type, '', 'patient') !== undefined)
    .filter((one) => !containsNone(one, dictionary))
    .map((one) => {
      const scope: Scope = { type: one.type, dictionary, row: 'r', at, shows: one.inside };
      const parts = conjuncts(one.filter);
      const driver = chooseDriver(parts, scope, by);
      return { query: { ...query, ...one }, scope, conjuncts: parts, driver };
    });
}
