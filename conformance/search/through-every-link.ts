import type { Filter } from '../../server/src/search/query.ts';

const EVERYTHING: Filter = { op: 'and', all: [] };

/** Lets a search look through every link, as a caller could who may see everything: parsing lets nothing be seen. */
export function throughEveryLink<T>(part: T): T {
  if (Array.isArray(part)) return part.map((item: unknown) => throughEveryLink(item)) as T;
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, item]) => [
      name,
      name === 'within' ? EVERYTHING : throughEveryLink<unknown>(item),
    ]),
  ) as T;
}
