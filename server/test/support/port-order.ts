import { compareText, sortValue } from '../../src/search/compare.ts';
import type { SortKey } from '../../src/search/query.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';

/** The order of the port, of one type or several, written down once more without any store. */
export function compareBy(sort: readonly SortKey[]): (a: VersionWrite, b: VersionWrite) => number {
  return (a, b) => {
    for (const key of sort) {
      const order = compareKey(keyOf(a, key), keyOf(b, key), key.descending);
      if (order !== 0) return order;
    }
    return compareText(a.type, b.type) || compareText(a.id, b.id);
  };
}

function keyOf(resource: VersionWrite, key: SortKey): number | string | undefined {
  if (key.param === '_id') return resource.id;
  if (key.param === '_lastUpdated') return resource.lastUpdated;
  const values = resource.index
    .filter(({ param }) => param === key.param)
    .filter(
      (entry) => entry.kind !== 'composite' && entry.kind !== 'position' && entry.kind !== 'text',
    )
    .map(sortValue);
  return values.sort((a, b) => compareValue(a, b)).at(key.descending ? -1 : 0);
}

function compareKey(
  a: number | string | undefined,
  b: number | string | undefined,
  descending: boolean,
): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return descending ? compareValue(b, a) : compareValue(a, b);
}

function compareValue(a: number | string, b: number | string): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : compareText(a, b);
}
