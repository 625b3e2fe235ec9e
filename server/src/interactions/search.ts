import type { Principal } from '../auth/principal.ts';
import { searchBundle } from '../fhir/bundle.ts';
import type { Filter } from '../search/query.ts';
import type { StoredVersion } from '../store/resource-store.ts';
import { guardLinks } from './guard-links.ts';
import { findIncluded } from './include.ts';
import { disclose } from './perform.ts';
import type { Reply } from './reply.ts';
import { searchStore } from './search-store.ts';
import type { Services } from './services.ts';

export type Pairs = readonly (readonly [name: string, value: string])[];

/** FHIR type search: http://hl7.org/fhir/R4/search.html; GET and POST alike. */
export async function search(
  services: Services,
  principal: Principal,
  asked: {
    readonly type: string;
    readonly parameters: Pairs;
    readonly handling: 'strict' | 'lenient';
  },
): Promise<Reply> {
  const parsed = services.r4.parseSearch(asked.type, asked.parameters, {
    handling: asked.handling,
    base: services.base,
  });
  const { shape, includes } = parsed;
  const filter = guardLinks(services, principal, parsed.query.filter);
  // R4 search.html#elements: what is included is of other types, so that the names of elements do not concern it.
  const shaped = (version: StoredVersion, mode: 'match' | 'include'): StoredVersion =>
    shape === undefined || (mode === 'include' && shape.kind === 'elements')
      ? version
      : { ...version, body: services.r4.subset(version.type, version.body, shape) };
  return disclose(services, principal, {
    interaction: 'search-type',
    type: asked.type,
    permission: 's',
    query: new URLSearchParams(
      asked.parameters.map(([name, value]): [string, string] => [name, value]),
    ).toString(),
    find: async (narrowed: Filter) => {
      const page = await searchStore(services, {
        ...parsed.query,
        filter: { op: 'and', all: [filter, narrowed] },
      });
      // What fits on one page has been counted by looking at it.
      const whole =
        parsed.query.after === undefined && page.next === undefined && parsed.query.count > 0;
      return {
        versions: page.matches,
        ...(includes.length > 0 && {
          included: await findIncluded(services, principal, page.matches, includes),
        }),
        named: await known(services, parsed.patients),
        next: page.next,
        total: page.total ?? (whole ? page.matches.length : undefined),
      };
    },
    reply: (visible, found, included) => ({
      status: 200,
      body: searchBundle({
        base: services.base,
        matches: visible.map((version) => shaped(version, 'match')),
        included: included.map((version) => shaped(version, 'include')),
        // Something the query let through was hidden after all: the count would tell.
        total: visible.length < found.versions.length ? undefined : found.total,
        self: parsed.selfLink(services.base),
        next: found.next === undefined ? undefined : parsed.nextLink(services.base, found.next),
        ignored: parsed.ignored,
      }),
    }),
  });
}

/** Of the patients a request names, those that exist: the others have no access log. */
async function known(services: Services, patients: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(patients.map((id) => services.store.current('Patient', id)));
  return patients.filter((_id, i) => found[i] !== undefined);
}
