import type { Filter } from '../../../src/search/query.ts';

const EVERYTHING: Filter = { op: 'and', all: [] };

/** Lets a search look through every link, as a caller could who may see everything: parsing lets nothing be seen. */
export function throughEveryLink<T>(query: T): T {
  return opened(query, new Map());
}

/** What stands in several places still is one thing afterwards: stores ask it once. */
function opened<T>(part: T, known: Map<unknown, unknown>): T {
  if (typeof part !== 'object' || part === null) return part;
  const made = known.get(part) ?? copied(part, known);
  known.set(part, made);
  return made as T;
}

function copied(part: object, known: Map<unknown, unknown>): unknown {
  if (Array.isArray(part)) return part.map((item: unknown) => opened(item, known));
  return Object.fromEntries(
    Object.entries(part).map(([name, item]) => [
      name,
      name === 'within' ? EVERYTHING : opened<unknown>(item, known),
    ]),
  );
}
