import { compareText } from '../search/compare.ts';
import type { SearchQuery } from '../search/query.ts';
import { mergeRows } from './page.ts';
import type { PagePlace, Position } from './page.ts';

/** Below and above every resource id. */
const FIRST = '';
const LAST = '~';

/**
 * Tells where a search of several types that has come to a position goes on in one of them: the order is that of the
 * sort keys, then of the types' names, then of ids, then of places.
 */
export function startIn(type: string, from: Position | undefined): Position | undefined {
  if (from === undefined || type === from.type) return from;
  return { keys: from.keys, type, id: compareText(type, from.type) > 0 ? FIRST : LAST };
}

/**
 * The first `count + 1` rows of all types from a place on, in the order of reading.
 * @param rowsOf the first rows of one type, at most so many
 */
export function mergeTypes<Part extends { readonly query: SearchQuery }, Row extends Position>(
  { sort, count }: SearchQuery,
  parts: readonly Part[],
  place: PagePlace | undefined,
  rowsOf: (part: Part, limit: number) => Row[],
): Row[] {
  const backwards = place?.backwards === true;
  const types = [...new Set(parts.map(({ query }) => query.type))].sort(compareText);
  if (backwards) types.reverse();
  const found: Row[] = [];
  for (const type of types) {
    // Without keys the types follow one another, so that the later ones need not be looked at.
    const limit = sort.length === 0 ? count + 1 - found.length : count + 1;
    if (limit <= 0) break;
    const rows = parts
      .filter(({ query }) => query.type === type)
      .map((part) => rowsOf(part, limit));
    found.push(...(rows.length === 1 ? rows.flat() : merged(rows.flat(), limit)));
  }
  return sort.length === 0 || parts.length < 2 ? found : merged(found, count + 1);

  function merged(rows: Row[], limit: number): Row[] {
    return mergeRows(sort, backwards, rows).slice(0, limit);
  }
}
