import type { Decided } from '../../access/decided.ts';
import type { Permission } from '../../auth/scopes.ts';
import { FhirError, type Issue } from '../../fhir/errors.ts';
import type { RecordWrite } from '../../store/record-store.ts';
import type { WriteSet } from '../../store/store.ts';
import type { StoredVersion, VersionWrite } from '../../store/version-store.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import type { Accepted } from './accept.ts';

/** A wish to change one resource. */
export interface Change {
  /** As the access log names it. */
  readonly interaction: string;
  readonly permission: Permission;
  readonly method: StoredVersion['method'];
  readonly type: string;
  readonly id: string;
  /** Absent for a deletion. */
  readonly accepted?: Accepted | undefined;
  /** They are judged of the very version that is replaced. */
  readonly preconditions: Preconditions;
  /** True where criteria selected nothing: then the id must be free. */
  readonly fresh?: boolean;
}

/** A version with all that is written because of it. */
export interface NewVersion {
  readonly version: VersionWrite;
  readonly write: WriteSet;
}

/** A change that may be made, with what it makes. */
export interface JudgedChange {
  readonly type: string;
  readonly id: string;
  readonly method: StoredVersion['method'];
  readonly accepted: Accepted | undefined;
  readonly previous: StoredVersion | undefined;
  /** Undefined when there is nothing to do. */
  readonly made: NewVersion | undefined;
  /** A read of it by who made it would show it, as far as that can be foreseen. */
  readonly showsItself?: boolean;
  /** `Type/id` of a change of the same set that this one tells of, and may refer to whatever becomes of it. */
  readonly tellsOf?: string;
  /** Says of an error which part of the request it belongs to. */
  readonly blame?: (error: unknown) => unknown;
}

/** Changes that become durable and visible together, or not at all. */
export interface ChangeSet {
  readonly changes: readonly JudgedChange[];
  /** Conditions under which the set was judged, and what else is written with it. */
  readonly records?: readonly RecordWrite[];
  /** `Type/id` of what the set leaves as it is, and which is known to be there. */
  readonly there?: ReadonlySet<string>;
}

/** A change that left a version. */
export interface Changed {
  readonly version: StoredVersion;
  readonly previous: StoredVersion | undefined;
  /** Says what was strange in what was sent. */
  readonly warnings: readonly Issue[];
  /** See `JudgedChange`. */
  readonly showsItself: boolean;
}

/** Judges a change that another one brings with it, such as its Provenance; it is given what that one makes. */
export type Along = (
  made: Pick<Changed, 'version' | 'previous'>,
  decided: Decided,
) => Promise<JudgedChange>;

/** Holds what the changes leave, by `Type/id`. */
export interface Leaving {
  readonly made: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
}

export function leftBy({ changes, there = new Set() }: ChangeSet): Leaving {
  const made = new Set(there);
  const deleted = new Set<string>();
  for (const change of changes) {
    if (change.made === undefined) continue;
    (change.made.version.deleted ? deleted : made).add(`${change.type}/${change.id}`);
  }
  return { made, deleted };
}

/** Returns all that the changes write. */
export function wholeWrite({
  changes,
  records = [],
}: ChangeSet): Required<Omit<WriteSet, 'accesses'>> {
  const writes = changes.flatMap(({ made }) => (made === undefined ? [] : [made.write]));
  return {
    versions: writes.flatMap(({ versions = [] }) => versions),
    leaves: writes.flatMap(({ leaves = [] }) => leaves),
    records: [...records, ...writes.flatMap((write) => write.records ?? [])],
  };
}

/** Runs what belongs to a change; what it throws says so. */
export function blamed<T>({ blame }: Pick<JudgedChange, 'blame'>, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw blame === undefined ? error : blame(error);
  }
}

/** A refusal of a set because of one of its changes. */
export function refuse(change: JudgedChange, why: string): unknown {
  const error = new FhirError('unprocessable', why);
  return change.blame === undefined ? error : change.blame(error);
}

/** Returns what a change left; undefined when there was nothing to do. */
export function changedBy(judged: JudgedChange | undefined): Changed | undefined {
  if (judged?.made === undefined) return undefined;
  const { previous, accepted, made, showsItself = false } = judged;
  return { version: made.version, previous, warnings: accepted?.warnings ?? [], showsItself };
}
