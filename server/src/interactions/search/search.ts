import { callerOf } from '../../auth/caller.ts';
import type { Principal } from '../../auth/principal.ts';
import { searchBundle, type BundledVersion } from '../../fhir/bundle.ts';
import { FhirError } from '../../fhir/errors.ts';
import { GENERAL_PARAMETERS } from '../../fhir/general-parameters.ts';
import type { LinkedSearch } from '../../r4/r4.ts';
import { canonicalLinks } from '../../search/canonical-links.ts';
import { typesWithin, withinCompartment, type Compartment } from '../../search/compartment.ts';
import { narrowedBy, nothing } from '../../search/query.ts';
import type { SearchQuery, TypedFilter } from '../../search/query.ts';
import type { PageLinks } from '../../store/version-store.ts';
import { mayContain, onlyWithin } from './containers.ts';
import { guardSort } from './guard-links.ts';
import { findIncluded } from './include.ts';
import { meant, orChangedSince } from './named-queries.ts';
import { disclose } from '../../access/disclose.ts';
import type { Reply } from '../../access/reply.ts';
import { searchSeen } from './search-seen.ts';
import { guardedTypes, searchedTypes } from './searched-types.ts';
import { labelsAround, shownRows, type ShownRow } from './shown-rows.ts';
import type { Data, Disclosing } from '../../access/groups.ts';
import type { Narrowing } from '../../consent/narrow.ts';
import { termsNamed } from './terms-named.ts';

export type Pairs = readonly (readonly [name: string, value: string])[];

export interface SearchRequest {
  readonly parameters: Pairs;
  readonly handling: 'strict' | 'lenient';
}

/**
 * FHIR search of one type, of the server or of a compartment: http://hl7.org/fhir/R4/search.html; GET and POST alike.
 *
 * @rule search-type
 */
export async function search(
  services: Disclosing,
  principal: Principal,
  asked: TypeSearch,
): Promise<Reply> {
  return runSearch(services, principal, {
    interaction: 'search-type',
    parsed: await parseTypeSearch(services, principal, asked),
    parameters: asked.parameters,
    within: asked.within,
  });
}

export type TypeSearch = SearchRequest & { readonly type: string; readonly within?: Compartment };

/** Reads a search of one type and refuses what can be refused without searching. @throws FhirError */
export async function parseTypeSearch(
  services: Disclosing,
  principal: Principal,
  asked: TypeSearch,
): Promise<LinkedSearch> {
  const { type, within } = asked;
  if (within !== undefined && !typesWithin(services.r4.registry, within.type).includes(type)) {
    throw new FhirError('not-found', `No ${type} lies in the compartment of a ${within.type}`);
  }
  const { parameters, named: query } = await meant(services, type, asked.parameters);
  const terminology = await termsNamed(services, principal, parameters);
  return services.r4.parseSearch(type, parameters, {
    ...(terminology && { terminology }),
    ...(query && { named: query }),
    handling: asked.handling,
    base: services.base,
    ...(within === undefined
      ? { containers: () => mayContain(services, principal) }
      : { path: `${within.type}/${within.id}/${type}` }),
  });
}

/** A search as parsed: narrowed, decided and recorded for each of its types. */
export function runSearch(
  services: Disclosing,
  principal: Principal,
  of: {
    readonly interaction: string;
    readonly parsed: LinkedSearch;
    /** As sent. */
    readonly parameters: Pairs;
    readonly within: Compartment | undefined;
  },
): Promise<Reply> {
  const { parsed, within } = of;
  const { shape, includes, query } = parsed;
  const guarded = guardedTypes(services, principal, query);
  const [main, ...others] = guarded.map((searched) => ({
    ...searched,
    filter: narrowedBy(
      searched.filter,
      within && withinCompartment(services.r4.registry, within, searched.type),
    ),
  }));
  if (main === undefined) throw new Error('a search is of a type');
  const asked = parsed.contained?.type ?? main.type;
  const sort = guardSort(services, principal, query.sort);
  // R4 search.html#elements: what is included is of other types, so that the names of elements do not concern it.
  const shaped = ({ version, type }: ShownRow, mode: 'match' | 'include'): BundledVersion =>
    shape === undefined || (mode === 'include' && shape.kind === 'elements')
      ? version
      : { ...version, body: services.r4.subset(type, version.body, shape) };
  return disclose(services, principal, {
    interaction: of.interaction,
    type: asked,
    permission: 's',
    absentWhenHidden: true,
    query: new URLSearchParams(
      of.parameters.map(([name, value]): [string, string] => [name, value]),
    ).toString(),
    find: async (narrowed, narrowedOf) => {
      const written = query.others && (await services.store.versions.types());
      // It costs time to say what a consent leaves of a type, and nothing is left of what was never written.
      const left = (searched: TypedFilter): TypedFilter => {
        const { type, filter } = searched;
        if (written?.has(type) === false) return { ...searched, filter: nothing };
        return {
          ...searched,
          filter: narrowedBy(filter, type === asked ? narrowed : narrowedOf(type)),
        };
      };
      const page = await searchSeen(services, principal, {
        ...query,
        ...left(main),
        sort,
        boundTo: boundTo(principal, parsed, within),
        ...(query.others && { others: others.map(left) }),
      }).catch(orChangedSince(parsed.expanded));
      // Matches that fit on one page have been counted by looking at them.
      const whole = query.page === undefined && page.links.first === undefined && query.count > 0;
      return {
        versions: page.matches,
        current: query.page === undefined,
        places: page.places,
        ...(includes.length > 0 && {
          included: await findIncluded(services, principal, page.matches, includes),
        }),
        named: await known(services, named(parsed, within)),
        links: page.links,
        total: page.total ?? (whole ? page.matches.length : undefined),
      };
    },
    reply: (visible, found, included) => {
      const rows = shownRows(found, visible, asked);
      const body = searchBundle({
        base: services.base,
        matches: rows.map((row) => shaped(row, 'match')),
        included: included.map((version) => shaped({ version, type: version.type }, 'include')),
        security: labelsAround(rows, visible),
        // Something the query let through was hidden after all: the count would tell.
        total: visible.length < found.versions.length ? undefined : found.total,
        ...pageUrls(services.base, parsed, found.links ?? {}),
        ignored: parsed.ignored,
        warnings: [
          ...incomplete(services, query),
          ...notFollowed(services, query),
          ...(parsed.contained ? onlyWithin(services, principal) : []),
        ],
      });
      return { status: 200, body };
    },
  });
}

function pageUrls(base: string, parsed: LinkedSearch, links: PageLinks) {
  const url = (cursor: string | undefined): string | undefined =>
    cursor === undefined ? undefined : parsed.pageLink(base, cursor);
  return {
    self: url(parsed.query.page) ?? parsed.selfLink(base),
    first: url(links.first),
    previous: url(links.previous),
    next: url(links.next),
    last: url(links.last),
  };
}

/** Lists what may differ between the pages of a search: their size and how they are written. */
const PAGE_BY_PAGE: ReadonlySet<string> = new Set(['_count', ...GENERAL_PARAMETERS]);

/** A page link is good for its caller and for what was asked, as long as a named query in it means the same. */
function boundTo(
  principal: Principal,
  { used, expanded = [] }: LinkedSearch,
  within: Compartment | undefined,
): string {
  const asked = [...used, ...expanded]
    .filter(([name]) => !PAGE_BY_PAGE.has(name))
    .map((pair) => JSON.stringify(pair));
  return JSON.stringify([callerOf(principal), within ?? null, ...asked.sort()]);
}

function incomplete({ upkeep }: Pick<Narrowing, 'upkeep'>, query: SearchQuery): readonly string[] {
  return searchedTypes(query)
    .filter(({ type }) => upkeep.outdated(type))
    .map(({ type }) => `${type} is being indexed again: not all that matches may be found yet`);
}

function notFollowed({ r4 }: Pick<Data, 'r4'>, query: SearchQuery): readonly string[] {
  const links = searchedTypes(query).flatMap(({ type, filter }) => [
    ...canonicalLinks(r4.registry, type, filter),
  ]);
  return [...new Set(links)].map(
    (link) => `${link} names resources by canonical URLs, which chains and _has do not follow`,
  );
}

function named({ patients }: LinkedSearch, within: Compartment | undefined): readonly string[] {
  if (within?.type !== 'Patient') return patients;
  return [...new Set([...patients, within.id])].sort();
}

/** Returns, of the patients a request names, those that exist: the others have no access log. */
async function known(
  services: Pick<Data, 'store'>,
  patients: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    patients.map((id) => services.store.versions.current('Patient', id)),
  );
  return patients.filter((_id, i) => found[i] !== undefined);
}
