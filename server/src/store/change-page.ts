import type { Filter } from '../search/query.ts';
import { openToken, sealToken } from './page-token.ts';
import type { ChangeQuery } from './resource-store.ts';

/** @returns the place below which the page begins @throws RangeError for a token that is not of this query */
export function openChangePage(key: Uint8Array, query: ChangeQuery): number {
  if (!Number.isSafeInteger(query.count) || query.count < 1) {
    throw new RangeError('The page size must be a whole number above 0');
  }
  if (query.page === undefined) return Number.MAX_SAFE_INTEGER;
  return openToken(key, scopeOf(query), query.page) as number;
}

export function sealChangePage(key: Uint8Array, query: ChangeQuery, last: number): string {
  return sealToken(key, scopeOf(query), last);
}

/** Leaves out what narrows a query, which is judged anew for each page. */
function scopeOf({ types, since, at, boundTo }: ChangeQuery): string {
  return JSON.stringify(['changes', types ?? null, since ?? null, at ?? null, boundTo ?? null]);
}

/** Tells whether a version with these patients passes. @throws RangeError on a criterion that needs an index */
export function admits(filter: Filter, patients: readonly string[]): boolean {
  switch (filter.op) {
    case 'and':
      return filter.all.every((part) => admits(part, patients));
    case 'or':
      return filter.any.some((part) => admits(part, patients));
    case 'not':
      return !admits(filter.filter, patients);
    case 'patients': {
      const named = new Set(filter.patients);
      return filter.mode === 'in'
        ? patients.every((patient) => named.has(patient))
        : !patients.some((patient) => named.has(patient));
    }
    default:
      throw new RangeError('Changes are narrowed by patients only');
  }
}

/** Patients of whom every version that passes has one, unless it has none at all; undefined when there is no such list. */
export function onlyOf(filter: Filter): readonly string[] | undefined {
  switch (filter.op) {
    case 'patients':
      return filter.mode === 'in' ? filter.patients : undefined;
    case 'and':
      for (const part of filter.all) {
        const found = onlyOf(part);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'or': {
      const lists = filter.any.map(onlyOf);
      return lists.includes(undefined)
        ? undefined
        : [...new Set(lists.flatMap((list) => list ?? []))];
    }
    default:
      return undefined;
  }
}
