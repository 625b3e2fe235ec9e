import { compareText } from '../search/compare.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Position } from './page-token.ts';

/** Below and above every resource id. */
const FIRST = '';
const LAST = '~';

/**
 * Where a search of several types that has come to `after` goes on in one of them: the order is that of the sort keys,
 * then of the types' names, then of ids.
 */
export function startIn(type: string, after: Position): Position {
  if (type === after.type) return after;
  return { ...after, type, id: compareText(type, after.type) > 0 ? FIRST : LAST };
}

/**
 * The first `count + 1` rows of all types, in their common order.
 * @param rowsOf the first rows of one type, at most so many
 */
export function mergeTypes<Part extends { readonly query: SearchQuery }, Row extends Position>(
  { sort, count }: SearchQuery,
  parts: readonly Part[],
  rowsOf: (part: Part, limit: number) => Row[],
): Row[] {
  const ordered = [...parts].sort((a, b) => compareText(a.query.type, b.query.type));
  const found: Row[] = [];
  for (const part of ordered) {
    // Without keys the types follow one another, so that the later ones need not be looked at.
    const limit = sort.length === 0 ? count + 1 - found.length : count + 1;
    if (limit > 0) found.push(...rowsOf(part, limit));
  }
  if (sort.length === 0 || parts.length < 2) return found;
  // A stable sort: equal keys stay in the order of types and ids.
  return found
    .sort((a, b) => {
      for (const [i, { descending }] of sort.entries()) {
        const order = compareKey(a.keys[i], b.keys[i]);
        if (order !== 0) return descending ? -order : order;
      }
      return 0;
    })
    .slice(0, count + 1);
}

function compareKey(
  a: Position['keys'][number] = null,
  b: Position['keys'][number] = null,
): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareText(String(a), String(b));
}
