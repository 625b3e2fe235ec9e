import type { Coding, Meta } from 'fhir/r4.js';
import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { disclose } from '../../access/disclose.ts';
import { noSuchResource } from '../../interactions/read.ts';
import type { Reply } from '../../access/reply.ts';
import { searchSeen } from '../../interactions/search/search-seen.ts';
import type { Services } from '../../interactions/services.ts';
import type { Filter } from '../../search/query.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import { keyOf } from './meta-edits.ts';
import { metaReply, parametersOf } from './meta-reply.ts';

const interaction = '$meta';
/** Resources with tags, labels or profiles that are looked at for the union of them. */
const MOST = 1_000;

/**
 * `$meta` of a resource or of one version: http://hl7.org/fhir/R4/resource-operation-meta.html
 *
 * @rule $meta
 */
export function metaOf(
  services: Services,
  principal: Principal,
  { type, id, version }: { readonly type: string; readonly id: string; readonly version?: number },
): Promise<Reply> {
  return disclose(services, principal, {
    interaction,
    type,
    permission: 'r',
    find: async () => {
      const found =
        version === undefined
          ? await services.store.current(type, id)
          : await services.store.version(type, id, version);
      return { versions: found === undefined ? [] : [found], named: [] };
    },
    reply: ([found]) => {
      if (found === undefined) throw noSuchResource(type, id);
      if (found.deleted) throw new FhirError('deleted', `${type}/${id} has been deleted`);
      return { status: 200, body: metaReply(found.body), version: found, derived: true };
    },
  });
}

/**
 * `$meta` of a type or of the server: the union of profiles, labels and tags of what this caller may see. It is
 * disclosed like the search that finds it.
 */
export function metaOfAll(
  services: Services,
  principal: Principal,
  type: string | undefined,
): Promise<Reply> {
  const types =
    type === undefined
      ? services.r4.resourceTypes.filter((one) => allows(principal, one, 's').allowed)
      : [type];
  const [first, ...others] = types;
  if (first === undefined) {
    throw new FhirError('forbidden', 'The access token has no scope that allows a search');
  }
  return disclose(services, principal, {
    interaction,
    type: first,
    permission: 's',
    find: async (narrowed, of) => {
      const page = await searchSeen(services, principal, {
        type: first,
        filter: { op: 'and', all: [HAS_ANY, narrowed] },
        others: others.map((other) => ({
          type: other,
          filter: { op: 'and', all: [HAS_ANY, of(other)] },
        })),
        sort: [],
        count: MOST,
        total: 'none',
      });
      if (page.links.next !== undefined) {
        throw new FhirError(
          'too-costly',
          `More than ${MOST} resources have tags, labels or profiles: ask for fewer at once`,
        );
      }
      return { versions: page.matches, named: [] };
    },
    reply: (visible) => ({ status: 200, body: parametersOf(JSON.stringify(union(visible))) }),
  });
}

const HAS_ANY: Filter = {
  op: 'or',
  any: ['_profile', '_security', '_tag'].map((param) => ({ op: 'missing', param, missing: false })),
};

function union(versions: readonly StoredVersion[]): Meta {
  const profile = new Set<string>();
  const security = new Map<string, Coding>();
  const tag = new Map<string, Coding>();
  for (const { body } of versions) {
    const { meta } = JSON.parse(Buffer.from(body).toString('utf8')) as { readonly meta?: Meta };
    for (const one of meta?.profile ?? []) profile.add(one);
    for (const one of meta?.security ?? []) security.set(keyOf(one), one);
    for (const one of meta?.tag ?? []) tag.set(keyOf(one), one);
  }
  return {
    ...(profile.size === 0 ? {} : { profile: [...profile].sort() }),
    ...(security.size === 0 ? {} : { security: [...security.values()] }),
    ...(tag.size === 0 ? {} : { tag: [...tag.values()] }),
  };
}
