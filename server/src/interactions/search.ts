import type { Principal } from '../auth/principal.ts';
import { searchBundle } from '../fhir/bundle.ts';
import { FhirError } from '../fhir/errors.ts';
import type { Filter } from '../search/query.ts';
import type { SearchPage } from '../store/resource-store.ts';
import { disclose } from './perform.ts';
import type { Reply } from './reply.ts';
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
        filter: { op: 'and', all: [parsed.query.filter, narrowed] },
      });
      // What fits on one page has been counted by looking at it.
      const whole =
        parsed.query.after === undefined && page.next === undefined && parsed.query.count > 0;
      return {
        versions: page.matches,
        named: await known(services, parsed.patients),
        next: page.next,
        total: page.total ?? (whole ? page.matches.length : undefined),
      };
    },
    reply: (visible, found) => ({
      status: 200,
      body: searchBundle({
        base: services.base,
        matches: visible,
        // Something the query let through was hidden after all: the count would tell.
        total: visible.length < found.versions.length ? undefined : found.total,
        self: parsed.selfLink(services.base),
        next: found.next === undefined ? undefined : parsed.nextLink(services.base, found.next),
        ignored: parsed.ignored,
      }),
    }),
  });
}

async function searchStore(
  services: Services,
  query: Parameters<Services['store']['search']>[0],
): Promise<SearchPage> {
  try {
    return await services.store.search(query);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FhirError('invalid', 'This page link is not one of ours, or is no longer usable', {
      expression: 'http._cursor',
    });
  }
}

/** Of the patients a request names, those that exist: the others have no access log. */
async function known(services: Services, patients: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(patients.map((id) => services.store.current('Patient', id)));
  return patients.filter((_id, i) => found[i] !== undefined);
}
