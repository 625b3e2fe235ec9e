import { allows } from '../../auth/authorize.ts';
import { callerOf } from '../../auth/caller.ts';
import type { Principal } from '../../auth/principal.ts';
import { searchBundle } from '../../fhir/bundle.ts';
import { FhirError } from '../../fhir/errors.ts';
import { foresee } from '../../access/foresee.ts';
import { findIncluded } from '../../interactions/search/include.ts';
import { disclose, type Found } from '../../access/disclose.ts';
import { noSuchResource } from '../../interactions/read.ts';
import type { Reply } from '../../access/reply.ts';
import { searchSeen } from '../../interactions/search/search-seen.ts';
import type { Services } from '../../interactions/services.ts';
import type { Include } from '../../search/include.ts';
import type { Filter, TypedFilter } from '../../search/query.ts';
import type { PageLinks, StoredVersion } from '../../store/resource-store.ts';
import type { Input } from '../input.ts';
import { readEverything, type EverythingAsked } from './read-everything.ts';
import { selectEverything } from './select-everything.ts';
import { typesOfEverything } from './types-of-everything.ts';

interface Subject {
  readonly type: 'Patient' | 'Encounter';
  /** Undefined: of all patients that the token reaches. */
  readonly id: string | undefined;
}

/**
 * `$everything` of a patient, of all patients, or of an encounter: what lies in the compartment, and with each page what
 * its resources refer to outside of it. Every resource is decided and recorded as if it had been read.
 * http://hl7.org/fhir/R4/patient-operation-everything.html, http://hl7.org/fhir/R4/encounter-operation-everything.html
 *
 * @rule $everything
 */
export function everything(
  services: Services,
  principal: Principal,
  { type, id, input }: Subject & { readonly input: Input },
): Promise<Reply> {
  const asked = readEverything(services.r4, type, input);
  const of = { type, id: id ?? ownPatient(principal, type) };
  const path = `${services.base}/${type}${id === undefined ? '' : `/${id}`}/$everything`;
  let there = true;
  // As in searches: the names of elements do not concern what is included.
  const shaped = (version: StoredVersion, mode: 'match' | 'include'): StoredVersion =>
    asked.shape === undefined || (mode === 'include' && asked.shape.kind === 'elements')
      ? version
      : { ...version, body: services.r4.subset(version.type, version.body, asked.shape) };
  return disclose(services, principal, {
    interaction: '$everything',
    type,
    permission: 's',
    query: new URLSearchParams(
      asked.used.map(([name, value]): [string, string] => [name, value]),
    ).toString(),
    find: async (_narrowed, narrowedOf) => {
      if (of.id !== undefined) {
        const subject = await services.store.current(type, of.id);
        there = subject?.deleted === false && foresee(services, principal, 's')(subject);
        if (!there) return { versions: subject === undefined ? [] : [subject], named: [] };
      }
      return findPage(services, principal, { of, asked, narrowedOf });
    },
    reply: (visible, found, included) => {
      if (!there) throw absent(of.type, of.id ?? '', visible);
      return {
        status: 200,
        body: searchBundle({
          base: services.base,
          matches: visible.map((version) => shaped(version, 'match')),
          included: included.map((version) => shaped(version, 'include')),
          total: undefined,
          ...pageUrls(path, asked, found.links ?? {}),
          ignored: asked.ignored,
        }),
      };
    },
  });
}

/** A patient's own token means this patient, whether it says so or not. */
function ownPatient(principal: Principal, type: string): string | undefined {
  const bounds = allows(principal, type, 's');
  return type === 'Patient' && bounds.allowed ? bounds.patientOnly : undefined;
}

function absent(type: string, id: string, visible: readonly StoredVersion[]): FhirError {
  return visible[0]?.deleted === true
    ? new FhirError('deleted', `${type}/${id} has been deleted`)
    : noSuchResource(type, id);
}

async function findPage(
  services: Services,
  principal: Principal,
  by: {
    readonly of: Subject;
    readonly asked: EverythingAsked;
    readonly narrowedOf: (type: string) => Filter;
  },
): Promise<Found> {
  const { of, asked, narrowedOf } = by;
  const written = await services.store.types();
  const searched = selectEverything(services.r4.registry, of, asked).filter(
    ({ type }) => written.has(type) && allows(principal, type, 's').allowed,
  );
  const [first, ...others] = searched.map(({ type, filter }): TypedFilter => ({
    type,
    filter: { op: 'and', all: [filter, narrowedOf(type)] },
  }));
  const named = of.type === 'Patient' && of.id !== undefined ? [of.id] : [];
  if (first === undefined) return { versions: [], named };
  const page = await searchSeen(services, principal, {
    ...first,
    others,
    sort: [],
    count: asked.count,
    total: 'none',
    boundTo: JSON.stringify([callerOf(principal), of, asked.used]),
    ...(asked.cursor === undefined ? {} : { page: asked.cursor }),
  });
  return {
    versions: page.matches,
    included: await findIncluded(services, principal, page.matches, beyond(services, of, asked)),
    named,
    links: page.links,
  };
}

/**
 * Returns what leads out of the compartment: practitioners, organisations, medications and the like, and what these
 * lead to.
 */
function beyond({ r4 }: Services, { type: of }: Subject, asked: EverythingAsked): Include[] {
  const within = new Set(typesOfEverything(r4.registry, of));
  return r4.resourceTypes
    .filter((type) => !within.has(type) && (asked.types?.has(type) ?? true))
    .map((target) => ({
      direction: 'to',
      source: undefined,
      param: undefined,
      target,
      iterate: true,
    }));
}

function pageUrls(path: string, { used, cursor }: EverythingAsked, links: PageLinks) {
  const url = (at?: string): string => {
    const pairs = at === undefined ? used : [...used, ['_cursor', at]];
    const query = pairs.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`);
    return query.length === 0 ? path : `${path}?${query.join('&')}`;
  };
  const link = (at: string | undefined): string | undefined =>
    at === undefined ? undefined : url(at);
  return {
    self: url(cursor),
    first: link(links.first),
    previous: link(links.previous),
    next: link(links.next),
    last: link(links.last),
  };
}
