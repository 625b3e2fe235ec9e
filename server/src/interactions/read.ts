import type { Principal } from '../auth/principal.ts';
import { FhirError } from '../fhir/errors.ts';
import type { Shape } from '../fhir/subset.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { notModified, type ReadCondition } from './conditions/if-none-match.ts';
import { disclose } from '../access/disclose.ts';
import { noSuchResource } from '../access/no-such-resource.ts';
import type { Reply } from '../access/reply.ts';
import type { Data, Disclosing } from '../access/groups.ts';

interface ReadOptions {
  readonly condition?: ReadCondition;
  /** Undefined: the whole resource. */
  readonly shape?: Shape | undefined;
}

/**
 * FHIR read: http://hl7.org/fhir/R4/http.html#read
 *
 * @rule read
 */
export function read(
  services: Disclosing,
  principal: Principal,
  asked: { readonly type: string; readonly id: string } & ReadOptions,
): Promise<Reply> {
  return one(services, principal, {
    ...asked,
    interaction: 'read',
    current: true,
    get: () => services.store.versions.current(asked.type, asked.id),
  });
}

/**
 * FHIR vread: http://hl7.org/fhir/R4/http.html#vread
 *
 * @rule vread
 */
export function vread(
  services: Disclosing,
  principal: Principal,
  asked: {
    readonly type: string;
    readonly id: string;
    readonly version: number;
  } & ReadOptions,
): Promise<Reply> {
  return one(services, principal, {
    ...asked,
    interaction: 'vread',
    current: false,
    get: () => services.store.versions.version(asked.type, asked.id, asked.version),
  });
}

function one(
  services: Disclosing,
  principal: Principal,
  asked: {
    readonly type: string;
    readonly id: string;
    readonly interaction: string;
    /** It is the current version that is got. */
    readonly current: boolean;
    readonly get: () => Promise<StoredVersion | undefined>;
  } & ReadOptions,
): Promise<Reply> {
  return disclose(services, principal, {
    interaction: asked.interaction,
    type: asked.type,
    permission: 'r',
    find: async () => {
      const version = await asked.get();
      return {
        versions: version === undefined ? [] : [version],
        named: [],
        current: asked.current,
      };
    },
    reply: ([version]) => {
      if (version === undefined) throw noSuchResource(asked.type, asked.id);
      if (version.deleted) {
        throw new FhirError('deleted', `${asked.type}/${asked.id} has been deleted`);
      }
      return notModified(asked.condition, version)
        ? { status: 304, version }
        : { status: 200, body: shaped(services, version, asked.shape), version };
    },
  });
}

function shaped(
  { r4 }: Pick<Data, 'r4'>,
  { type, body }: StoredVersion,
  shape: Shape | undefined,
): Uint8Array {
  return shape === undefined ? body : r4.subset(type, body, shape);
}
