import { everything, nothing } from '../search/query.ts';
import type { Filter } from '../search/query.ts';

/** Filters of rules, combined: what holds always or never is recognised by being `everything` or `nothing`, and left out. */
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

export function not(filter: Filter): Filter {
  if (filter === everything) return nothing;
  if (filter === nothing) return everything;
  return { op: 'not', filter };
}
