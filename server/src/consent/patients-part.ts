import { everything, nothing } from '../search/query.ts';
import type { Filter } from '../search/query.ts';

/** Returns what a filter says of patients alone: everything that it lets through, and what it cannot tell by them. */
export function patientsPart(filter: Filter): Filter {
  return part(filter, everything);
}

/** @param rest what any other criterion becomes */
function part(filter: Filter, rest: Filter): Filter {
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map((each) => part(each, rest)) };
    case 'or':
      return { op: 'or', any: filter.any.map((each) => part(each, rest)) };
    case 'not': {
      const opposite: Filter = 'all' in rest ? nothing : everything;
      return { op: 'not', filter: part(filter.filter, opposite) };
    }
    case 'patients':
      return filter;
    default:
      return rest;
  }
}
