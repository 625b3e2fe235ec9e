import { matches } from '../../src/search/matches.ts';
import type { Searchable } from '../../src/search/matches.ts';
import type { Filter } from '../../src/search/query.ts';
import { BASE, r4 } from './r4.ts';
import type { Json } from './r4.ts';

/** Ids of those that a search finds, without a store: parsing, indexing and the meaning of filters together. */
export function findIn(resources: readonly Json[], query: string): string[] {
  const [type = '', parameters = ''] = query.split('?');
  const { filter } = r4.parseSearch(type, new URLSearchParams(parameters), {
    handling: 'strict',
    base: BASE,
  }).query;
  const world = {
    type,
    resources: (of: string) =>
      resources.filter((each) => each['resourceType'] === of).map(searchable),
  };
  return world
    .resources(type)
    .filter((resource) => matches(resource, open(filter), world))
    .map(({ id }) => id);
}

function searchable(resource: Json): Searchable {
  return {
    id: String(resource['id']),
    lastUpdated: 0,
    patients: [],
    index: r4.indexEntries(resource),
    inside: r4.containedIndex(resource),
  };
}

/** Links lead everywhere: nobody is kept from anything here. */
function open(filter: Filter): Filter {
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map(open) };
    case 'or':
      return { op: 'or', any: filter.any.map(open) };
    case 'not':
      return { op: 'not', filter: open(filter.filter) };
    case 'chain':
      return {
        ...filter,
        filter: open(filter.filter),
        within: { op: 'and', all: [] },
        ...(filter.contained && { contained: open(filter.contained) }),
      };
    case 'inside':
      return { ...filter, filter: open(filter.filter) };
    case 'referenced':
      return { ...filter, filter: open(filter.filter), within: { op: 'and', all: [] } };
    case 'hierarchy':
      return { ...filter, within: { op: 'and', all: [] } };
    default:
      return filter;
  }
}
