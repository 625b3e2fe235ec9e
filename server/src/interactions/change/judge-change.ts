import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { assertMayMoveOwner } from '../../access/may-move-owner.ts';
import type { Judging } from './changing.ts';
import type { Along, Change, JudgedChange } from './change-set.ts';
import { mayReplace } from './may-replace.ts';
import { newVersion } from './new-version.ts';
import { ownersOf } from './owners.ts';
import { noting } from './awaited-owners.ts';
import { withWarnings } from './unassigned.ts';

/** Is what a change is judged in. */
export interface Scene {
  /** The version that is replaced, deletions included. */
  readonly current: StoredVersion | undefined;
  /** Patients of what is written in the same step, by `Type/id`. */
  readonly owners?: ReadonlyMap<string, readonly string[]>;
}

/**
 * Judges a change of one resource, and makes its version; nothing is written. Permission comes first, then the
 * preconditions, then what else stands against it: the order decides what a caller learns.
 *
 * @throws FhirError
 */
export async function judgeChange(
  services: Judging,
  principal: Principal,
  change: Change,
  { current, owners: made }: Scene,
): Promise<JudgedChange> {
  const { type, id, method } = change;
  const found =
    change.accepted && (await ownersOf(services, { ...change.accepted.resource, id }, made));
  const owners = found?.patients ?? [];
  await mayReplace(services, principal, { ...change, owners, current });
  assertMayMoveOwner(services, principal, { current, owners, isDeletion: found === undefined });
  const accepted = found && withWarnings(services, change.accepted, found);
  services.ledgerFirst.mayFollow(change, current);
  if (change.fresh === true) assertFree(current);
  const judged = { type, id, method, accepted, previous: current };
  const isGone = current === undefined || current.deleted;
  if (accepted === undefined && isGone) return { ...judged, made: undefined };
  const wanted = { type, id, method, owners, current, ...(accepted && { accepted }) };
  const version = await newVersion(services, principal, wanted);
  return { ...judged, made: noting(version, found) };
}

/** The same of the version that is current now, with the change that it brings along. */
export async function judgeAlone(
  services: Judging,
  principal: Principal,
  change: Change,
  along?: Along,
): Promise<readonly [JudgedChange, ...JudgedChange[]]> {
  const current = await services.store.versions.current(change.type, change.id);
  return judgeWith(services, principal, { change, current, along });
}

/** The same of a version that was read already. */
export async function judgeWith(
  services: Judging,
  principal: Principal,
  asked: {
    readonly change: Change;
    readonly current: StoredVersion | undefined;
    readonly along: Along | undefined;
  },
): Promise<readonly [JudgedChange, ...JudgedChange[]]> {
  const { change, current, along } = asked;
  const judged = await judgeChange(services, principal, change, { current });
  if (judged.made === undefined || along === undefined) return [judged];
  return [judged, await along({ version: judged.made.version, previous: current })];
}

/** @throws FhirError `conflict` when what the criteria do not select has the id of what they are to make */
function assertFree(current: StoredVersion | undefined): void {
  if (current === undefined || current.deleted) return;
  throw new FhirError(
    'conflict',
    'The criteria select nothing, but the id in the resource is in use',
  );
}
