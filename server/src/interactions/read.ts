import type { Principal } from '../auth/principal.ts';
import { FhirError } from '../fhir/errors.ts';
import type { Shape } from '../search/include.ts';
import type { StoredVersion } from '../store/resource-store.ts';
import { notModified, type ReadCondition } from './conditions/if-none-match.ts';
import { disclose } from '../access/disclose.ts';
import type { Reply } from '../access/reply.ts';
import type { Services } from './services.ts';

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
  services: Services,
  principal: Principal,
  asked: { readonly type: string; readonly id: string } & ReadOptions,
): Promise<Reply> {
  return one(services, principal, {
    ...asked,
    interaction: 'read',
    get: () => services.store.current(asked.type, asked.id),
  });
}

/**
 * FHIR vread: http://hl7.org/fhir/R4/http.html#vread
 *
 * @rule vread
 */
export function vread(
  services: Services,
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
    get: () => services.store.version(asked.type, asked.id, asked.version),
  });
}

function one(
  services: Services,
  principal: Principal,
  asked: {
    readonly type: string;
    readonly id: string;
    readonly interaction: string;
    readonly get: () => Promise<StoredVersion | undefined>;
  } & ReadOptions,
): Promise<Reply> {
  return disclose(services, principal, {
    interaction: asked.interaction,
    type: asked.type,
    permission: 'r',
    find: async () => {
      const version = await asked.get();
      return { versions: version === undefined ? [] : [version], named: [] };
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
  { r4 }: Services,
  { type, body }: StoredVersion,
  shape: Shape | undefined,
): Uint8Array {
  return shape === undefined ? body : r4.subset(type, body, shape);
}

/** The same words whether it never was or may not be known of. */
export function noSuchResource(type: string, id: string): FhirError {
  return new FhirError('not-found', `${type}/${id} is not known here`);
}
