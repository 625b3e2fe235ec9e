import type { Principal } from '../../auth/principal.ts';
import type { Issue } from '../../fhir/errors.ts';
import type { PreparedTransaction } from '../../ledger/channel.ts';
import type { RecordWrite } from '../../store/record-store.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Change, ChangeSet } from './change-set.ts';

/** Says what the ledger is to record before a set is stored. */
export interface Recording {
  readonly transaction: Pick<PreparedTransaction, 'txId' | 'bytes'>;
  /** Holds what the row has to know of it once it is in force, as JSON. */
  readonly state: unknown;
}

/** A row of the table of what goes to the ledger before it is stored. */
export interface LedgerRow {
  /** The collections of its records begin with it. */
  readonly name: string;
  /** Says how refusals call what it is about, in the plural. */
  readonly title: string;

  /** Resources of the set, as `Type/id`, whose writers are kept apart while one of them is on its way; none: not its set. */
  watched(set: ChangeSet): readonly string[];

  /**
   * Says whose turn it is: sets of one turn are recorded one after the other. Undefined when the ledger need not know.
   *
   * @throws FhirError for a set that it cannot record in one transaction
   */
  turn(set: ChangeSet): string | undefined;

  /**
   * Asked once the caller may know of the current version.
   *
   * @returns what is strange about the change
   * @throws FhirError when it may not follow that version
   */
  mayFollow(
    change: Change,
    current: StoredVersion | undefined,
    principal: Principal,
  ): readonly Issue[];

  /**
   * Asks for endorsement; nothing is ordered yet.
   *
   * @throws LedgerError, FhirError when this caller may not have it recorded
   */
  prepare(turn: string, set: ChangeSet, principal: Principal): Promise<Recording>;

  /** Returns what is written with the set, once the recording is in force. */
  afterwards(turn: string, state: unknown): readonly RecordWrite[];

  /** Follows a recording that is in force; called before and after its set is stored. */
  follow(turn: string, state: unknown): void;

  /** Another recording of this turn was first: what was prepared after the one before is out of date. */
  outrun(turn: string): Promise<unknown>;
}
