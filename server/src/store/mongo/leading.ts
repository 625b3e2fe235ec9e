import type { Filter } from '../../search/query.ts';

/** Tells whether an index other than that of the type's names leads to what satisfies the filter. */
export function leads(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.all.some(leads);
    case 'or':
      return filter.any.every(leads);
    case 'not':
      return false;
    case 'missing':
      return !filter.missing;
    case 'patients':
      return filter.mode === 'in';
    default:
      return true;
  }
}
