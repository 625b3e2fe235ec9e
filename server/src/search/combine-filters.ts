import { everything, nothing } from './query.ts';
import type { Filter } from './query.ts';

/** Filters combined: what holds always or never is recognised by being `everything` or `nothing`, and left out. */
export function both(a: Filter, b: Filter): Filter {
  if (a === everything || b === nothing) return b;
  if (b === everything || a === nothing) return a;
  return { op: 'and', all: [a, b] };
}

export function either(filters: readonly Filter[]): Filter {
  if (filters.includes(everything)) return everything;
  const useful = filters.filter((filter) => filter !== nothing);
  const [only] = useful;
  if (only === undefined) return nothing;
  return useful.length === 1 ? only : { op: 'or', any: useful };
}

/** The filters without what is said twice. */
export function distinct(filters: readonly Filter[]): readonly Filter[] {
  return [...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values()];
}

export function not(filter: Filter): Filter {
  if (filter === everything) return nothing;
  if (filter === nothing) return everything;
  return { op: 'not', filter };
}
