import { questionOf, type Wanted } from '../../access/change-questions.ts';
import { decideChanges } from '../../access/decide-change.ts';
import type { Decided } from '../../access/decided.ts';
import { foreseeWithContexts } from '../../access/foresee.ts';
import { versionPath } from '../../access/reply.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { Principal } from '../../auth/principal.ts';
import type { StoredVersion, VersionWrite } from '../../store/version-store.ts';
import { mayAuthor } from '../../access/may-author.ts';
import { assertAppends, mayWriteType } from '../../access/may-write-type.ts';
import { assertMayIdentify } from '../../access/may-identify.ts';
import { assertMayMoveOwner } from '../../access/may-move-owner.ts';
import type { Judging } from './changing.ts';
import type { Along, Change, JudgedChange } from './change-set.ts';
import { mayReplace } from './may-replace.ts';
import { newVersion } from './new-version.ts';
import { ownersOf, type Owners } from './owners.ts';
import { noting } from './awaited-owners.ts';
import { withWarnings } from './unassigned.ts';

/** Is what a change is judged in. */
export interface Scene {
  /** The version that is replaced, deletions included. */
  readonly current: StoredVersion | undefined;
  /** Patients of what is written in the same step, by `Type/id`. */
  readonly owners?: ReadonlyMap<string, readonly string[]>;
}

/** A change with what is to be decided about it. */
export interface PosedChange {
  readonly change: Change;
  readonly wanted: Wanted;
  /** Absent for a deletion. */
  readonly found?: Owners;
}

/** Finds out what is to be decided about a change; nothing is asked yet. @throws FhirError */
export async function poseChange(
  services: Judging,
  change: Change,
  { current: before, owners: besides }: Scene,
): Promise<PosedChange> {
  const { interaction, permission, type, id, method, accepted } = change;
  const about = { interaction, permission, type, before, besides };
  if (accepted === undefined) return { change, wanted: { ...about, after: undefined } };
  const found = await ownersOf(services, { ...accepted.resource, id }, besides);
  const { patients } = found;
  const version = (before?.version ?? 0) + 1;
  const after = {
    ...{ type, id, version, deleted: false, lastUpdated: services.clock(), method, patients },
    body: Buffer.from(accepted.scanned.text, 'utf8'),
    leaf: '',
  };
  return { change, wanted: { ...about, after }, found };
}

/**
 * Judges a change of one resource, and makes its version; nothing is written. Permission comes first, then the
 * preconditions, then what else stands against it: the order decides what a caller learns.
 *
 * @throws FhirError
 */
export async function judgeChange(
  services: Judging,
  decided: Decided,
  { change, wanted, found }: PosedChange,
): Promise<JudgedChange> {
  const { type, id, method, preconditions } = change;
  const { before: current, after } = wanted;
  const owners = after?.patients ?? [];
  mayWriteType(services, decided.principal, change);
  await mayReplace(services, decided, { wanted, preconditions });
  assertAppends(type, current);
  const isDeletion = after === undefined;
  assertMayMoveOwner(services, decided.principal, { current, owners, isDeletion });
  assertMayIdentify(services, decided.principal, { accepted: change.accepted, current });
  const accepted = found && withWarnings(services, change.accepted, found);
  await mayAuthor(services, decided.principal, { type, accepted, current });
  const strange = services.ledgerFirst.mayFollow(change, current, decided.principal);
  if (change.fresh === true) assertFree(current);
  const taken = accepted && { ...accepted, warnings: [...accepted.warnings, ...strange] };
  const judged = { type, id, method, accepted: taken, previous: current };
  const isGone = current === undefined || current.deleted;
  if (accepted === undefined && isGone) return { ...judged, made: undefined };
  const of = { type, id, method, owners, current, ...(accepted && { accepted }) };
  const made = await newVersion(services, decided.principal, of);
  const { version } = made;
  decided.makes(
    { interaction: wanted.interaction, question: questionOf(wanted) },
    { path: versionPath(version), patients: version.patients },
  );
  const showsItself = await showsWhatWasSent(services, decided.principal, { change, version });
  return { ...judged, made: noting(made, found), showsItself };
}

/** The same of the version that is current now, with the change that it brings along. */
export async function judgeAlone(
  services: Judging,
  decided: Decided,
  change: Change,
  along?: Along,
): Promise<readonly [JudgedChange, ...JudgedChange[]]> {
  const current = await services.store.versions.current(change.type, change.id);
  return judgeWith(services, decided, { change, current, along });
}

/** The same of a version that was read already. */
export async function judgeWith(
  services: Judging,
  decided: Decided,
  asked: {
    readonly change: Change;
    readonly current: StoredVersion | undefined;
    readonly along: Along | undefined;
  },
): Promise<readonly [JudgedChange, ...JudgedChange[]]> {
  const { change, current, along } = asked;
  const posed = await poseChange(services, change, { current });
  await decideChanges(services, decided, [posed.wanted]);
  return judgePosed(services, decided, posed, along);
}

/** The same of a change that the ledger was asked about, with others or alone. */
export async function judgePosed(
  services: Judging,
  decided: Decided,
  posed: PosedChange,
  along: Along | undefined,
): Promise<readonly [JudgedChange, ...JudgedChange[]]> {
  const judged = await judgeChange(services, decided, posed);
  if (judged.made === undefined || along === undefined) return [judged];
  const { version } = judged.made;
  return [judged, await along({ version, previous: judged.previous }, decided)];
}

/** @throws FhirError `conflict` when what the criteria do not select has the id of what they are to make */
function assertFree(current: StoredVersion | undefined): void {
  if (current === undefined || current.deleted) return;
  throw new FhirError(
    'conflict',
    'The criteria select nothing, but the id in the resource is in use',
  );
}

/**
 * Tells whether the answer may hold the new version. A client that sent it whole is told nothing by it; a patch leaves
 * what it did not touch, and shows what a read would.
 */
async function showsWhatWasSent(
  services: Judging,
  principal: Principal,
  { change, version }: { readonly change: Change; readonly version: VersionWrite },
): Promise<boolean> {
  if (SENT_WHOLE.has(change.interaction)) return true;
  const versions = [version];
  return (await foreseeWithContexts(services, principal, { permission: 'r', versions }))(version);
}

const SENT_WHOLE: ReadonlySet<string> = new Set(['create', 'update']);
