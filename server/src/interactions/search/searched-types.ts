import type { Principal } from '../../auth/principal.ts';
import type { Filter, SearchQuery, TypedFilter } from '../../search/query.ts';
import { guardLinks } from './guard-links.ts';
import type { Services } from '../services.ts';

/** Returns what is searched of each type. */
export function searchedTypes({ type, filter, inside, others = [] }: SearchQuery): TypedFilter[] {
  return [{ type, filter, ...(inside && { inside }) }, ...others];
}

/** The same with links guarded: once where several types share a filter. @throws FhirError `forbidden` */
export function guardedTypes(
  services: Services,
  principal: Principal,
  query: SearchQuery,
): TypedFilter[] {
  const known = new Map<Filter, Filter>();
  const guarded = (filter: Filter): Filter => {
    const made = known.get(filter) ?? guardLinks(services, principal, filter);
    known.set(filter, made);
    return made;
  };
  return searchedTypes(query).map(({ type, filter, inside }) => ({
    type,
    filter: guarded(filter),
    ...(inside && { inside: { ...inside, filter: guarded(inside.filter) } }),
  }));
}
