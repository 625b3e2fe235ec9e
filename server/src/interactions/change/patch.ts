import { decodeUtf8 } from '@chartseal/evidence';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { Patch } from '../../fhir/patch/patch.ts';
import { LedgerError } from '../../ledger/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { accept, type Accepted } from './accept.ts';
import { changedBy, type Along, type Changed } from './change-set.ts';
import { commit } from './commit.ts';
import { judgeWith } from './judge-change.ts';
import { assertPreconditions, type Preconditions } from '../conditions/preconditions.ts';
import { boundsOf } from '../../access/bounds.ts';
import { disclose } from '../../access/disclose.ts';
import type { Wanted } from '../../access/change-questions.ts';
import { assertMayChange, decideChanges } from '../../access/decide-change.ts';
import type { Decided } from '../../access/decided.ts';
import { noSuchResource } from '../../access/no-such-resource.ts';
import { versionPath, type Reply } from '../../access/reply.ts';
import type { Data, Deciding, Disclosing } from '../../access/groups.ts';
import type { Changing } from './changing.ts';

interface PatchTarget {
  readonly type: string;
  readonly id: string;
  readonly preconditions: Preconditions;
  /** As the access log names it; `patch` unless given. */
  readonly interaction?: string;
}

/**
 * FHIR patch: http://hl7.org/fhir/R4/http.html#patch. The result is judged and written like an update of the version it
 * was made from; a patch that changes nothing makes no version.
 *
 * @rule patch
 */
export async function patch(
  services: Changing & Disclosing,
  principal: Principal,
  asked: PatchTarget & {
    readonly body: Uint8Array;
    readonly mediaType: string;
    /** Tells whether the client wants the resource back. */
    readonly returning: boolean;
    readonly along?: Along | undefined;
  },
): Promise<Reply> {
  boundsOf(principal, asked.type, 'u');
  const change = services.r4.readPatch(asked.mediaType, asked.body);
  const { version, warnings } = await commitChanged(services, principal, { ...asked, change });
  const reply: Reply = { status: 200, version, warnings, location: versionPath(version) };
  if (!asked.returning) return reply;
  return shown(services, principal, reply, {
    interaction: 'patch',
    version,
    as: (visible) => visible.body,
  });
}

/** The version that a change makes of the current one; that one itself when nothing is different. */
export async function commitChanged(
  services: Changing,
  principal: Principal,
  asked: PatchTarget & { readonly change: Patch; readonly along?: Along | undefined },
): Promise<Pick<Changed, 'version' | 'warnings'>> {
  const { type, id, preconditions, along, interaction = 'patch' } = asked;
  // History shows the whole resource, as an update would leave it.
  const by = { interaction, permission: 'u', method: 'PUT', type, id, preconditions } as const;
  const { changes, current } = await commit(services, principal, {
    prepare: async (decided) => {
      const found = await services.store.versions.current(type, id);
      const current = await changeable(services, decided, asked, found);
      const accepted = patched(services, current, asked.change);
      if (accepted === undefined) return { changes: [], current };
      const change = { ...by, accepted };
      return { changes: await judgeWith(services, decided, { change, current, along }), current };
    },
  });
  return changedBy(changes[0]) ?? { version: current, warnings: [] };
}

/**
 * The version to patch, if this caller may see and change it: a patch asks what is in it before it changes anything. Who
 * may not learns no more than a read would tell.
 */
export async function changeable(
  services: Data & Deciding,
  decided: Decided,
  { type, id, preconditions, interaction = 'patch' }: PatchTarget,
  current: StoredVersion | undefined,
): Promise<StoredVersion> {
  if (current === undefined) throw noSuchResource(type, id);
  const wanted = toPatch({ type, interaction }, current);
  await decideChanges(services, decided, [wanted]);
  try {
    await assertMayChange(services, decided, wanted);
  } catch (error) {
    if (error instanceof FhirError && error.code === 'not-found') throw noSuchResource(type, id);
    throw error;
  }
  if (current.deleted) throw new FhirError('deleted', `${type}/${id} has been deleted`);
  assertPreconditions(preconditions, current);
  return current;
}

/** A patch, as far as it can be decided about before it is known what it leaves. */
export function toPatch(
  { type, interaction = 'patch' }: Pick<PatchTarget, 'type' | 'interaction'>,
  before: StoredVersion,
): Wanted {
  return { interaction, type, permission: 'u', before, after: undefined, tells: true };
}

/** The patched resource; undefined when nothing is different. @throws FhirError `unprocessable` */
export function patched(
  services: Pick<Data, 'r4'>,
  current: StoredVersion,
  change: Patch,
): Accepted | undefined {
  const before = decodeUtf8(current.body);
  const after = change(before);
  if (after === before) return undefined;
  try {
    return accept(services.r4, current.type, Buffer.from(after, 'utf8'));
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'structure') throw error;
    const { message, expression = [] } = error;
    throw new FhirError('unprocessable', `The patch leaves no valid resource: ${message}`, {
      expression,
    });
  }
}

/**
 * The resource holds what the client did not send: it leaves like any other, decided and recorded. Who has no scope to
 * read it gets the version alone, and so does everybody while the ledger cannot decide: the change is made.
 */
export async function shown(
  services: Disclosing,
  principal: Principal,
  reply: Reply,
  {
    interaction,
    version,
    as,
  }: {
    readonly interaction: string;
    readonly version: StoredVersion;
    /** Returns what is shown of the version. */
    readonly as: (version: StoredVersion) => Uint8Array | string;
  },
): Promise<Reply> {
  try {
    return await disclose(services, principal, {
      interaction,
      type: version.type,
      permission: 'r',
      find: () => Promise.resolve({ versions: [version], named: [] }),
      reply: ([visible]) => (visible === undefined ? reply : { ...reply, body: as(visible) }),
    });
  } catch (error) {
    if (error instanceof FhirError || error instanceof LedgerError) return reply;
    throw error;
  }
}
