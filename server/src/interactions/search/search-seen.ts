import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { inDoubt } from '../../consent/narrow.ts';
import { FhirError } from '../../fhir/errors.ts';
import { isNothing, narrowedBy, nothing } from '../../search/query.ts';
import type { Filter, SearchQuery, TypedFilter } from '../../search/query.ts';
import type { SearchPage, StoredVersion } from '../../store/resource-store.ts';
import { covered } from './covered-search.ts';
import { foresee } from '../../access/foresee.ts';
import { searchStore } from './search-store.ts';
import type { Services } from '../services.ts';

/** Says how many matches may be judged one by one for a single search. */
const MOST_IN_DOUBT = 5_000;

/**
 * A search whose filters are narrowed already, without what an index cannot tell to be hidden: matches in doubt are judged
 * first, as of the same moment, and those that would be refused are left out by name. So nothing refused is counted, takes
 * a place on a page or moves the place of another.
 *
 * @throws FhirError `too-costly` and what `searchStore` throws
 */
export async function searchSeen(
  services: Services,
  principal: Principal,
  narrowed: SearchQuery,
): Promise<SearchPage> {
  const query = await withoutUncovered(services, principal, narrowed);
  const searched = [query, ...(query.others ?? [])];
  const doubts = searched.map(({ type }) => doubtOf(services, principal, type));
  if (doubts.every((doubt) => doubt === undefined)) return searchStore(services, query);
  const { matches, moment } = await searchStore(services, {
    ...each(query, ({ filter }, i) => narrowedBy(filter, doubts[i] ?? nothing)),
    count: MOST_IN_DOUBT + 1,
    total: 'none',
    whole: true,
  });
  if (matches.length > MOST_IN_DOUBT) {
    throw new FhirError(
      'too-costly',
      `More than ${MOST_IN_DOUBT} matches would have to be judged one by one, as consents ask: narrow the search`,
    );
  }
  const visible = foresee(services, principal, 's');
  const hidden = matches.filter((version) => !visible(version));
  const page = query.page ?? moment;
  return searchStore(services, {
    ...each(query, ({ type, filter }) => narrowedBy(filter, noneOf(type, hidden))),
    ...(page !== undefined && { page }),
  });
}

/** Binaries are searched for as far as their security contexts let them out. */
async function withoutUncovered(
  services: Services,
  principal: Principal,
  query: SearchQuery,
): Promise<SearchQuery> {
  const searched = [query, ...(query.others ?? [])];
  const filters = await Promise.all(
    searched.map(async ({ type, filter }): Promise<Filter> => {
      const bounds = allows(principal, type, 's');
      if (type !== 'Binary' || !bounds.allowed || isNothing(filter)) return filter;
      return covered(services, principal, { filter, bounds });
    }),
  );
  return each(query, ({ filter }, i) => filters[i] ?? filter);
}

function doubtOf(services: Services, principal: Principal, type: string): Filter | undefined {
  const bounds = allows(principal, type, 's');
  if (!bounds.allowed) return undefined;
  return inDoubt(services, principal, {
    bounds,
    question: { action: 'access', className: type },
  });
}

/** The query with other filters for its types, in their order. */
function each(
  query: SearchQuery,
  filterOf: (searched: TypedFilter, i: number) => Filter,
): SearchQuery {
  return {
    ...query,
    filter: filterOf(query, 0),
    ...(query.others && {
      others: query.others.map((other, i) => ({ ...other, filter: filterOf(other, i + 1) })),
    }),
  };
}

function noneOf(type: string, versions: readonly StoredVersion[]): Filter | undefined {
  const ids = versions.filter((version) => version.type === type).map(({ id }) => id);
  return ids.length === 0 ? undefined : { op: 'not', filter: { op: 'id', ids } };
}
