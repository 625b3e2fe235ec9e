import type { Principal } from '../../auth/principal.ts';
import { FhirError, type Issue } from '../../fhir/errors.ts';
import type { Channel } from '../../ledger/channel.ts';
import { LedgerError } from '../../ledger/errors.ts';
import { StoreConflict } from '../../store/errors.ts';
import type { AccessWrite, LeafWrite } from '../../store/leaf-queue.ts';
import type { RecordWrite } from '../../store/record-store.ts';
import type { StoredVersion, VersionWrite } from '../../store/version-store.ts';
import { Turns } from '../../turns.ts';
import type { Store } from '../../store/store.ts';
import type { Change, ChangeSet } from './change-set.ts';
import { allOf, type Keeps } from './keeps.ts';
import type { LedgerRow } from './ledger-row.ts';
import { decodePending, encodePending, type PendingChange } from './pending-change.ts';
import { readPlaces } from './places.ts';
import { assertSure } from './sure.ts';

const ATTEMPTS = 3;
/** Says how often to look, and how many ms apart, whether another server's change is stored. */
const LOOKS = 60;
const LOOK_MS = 25;

/** Says how a set goes that the ledger may have to know first. */
export interface Way {
  readonly row: LedgerRow;
  readonly watched: readonly string[];
  /** Undefined when the ledger need not know; then the watched resources are kept apart all the same. */
  readonly turn: string | undefined;
  /** Says who changes it. */
  readonly principal: Principal;
}

export function sameWay(a: Way | undefined, b: Way | undefined): boolean {
  return a?.row === b?.row && a?.turn === b?.turn && a?.watched.join() === b?.watched.join();
}

export interface LedgerFirstParts {
  readonly store: Pick<Store, 'records' | 'write'>;
  readonly channel: Pick<Channel, 'submit'>;
  readonly newId: () => string;
  /** The version as it is indexed now: search parameters may have changed while it was on its way. */
  readonly indexed: (version: VersionWrite) => VersionWrite;
  readonly rows: readonly LedgerRow[];
}

interface Stored {
  readonly versions: readonly VersionWrite[];
  readonly leaves: readonly LeafWrite[];
  /** Only of a set that is the store's alone. */
  readonly accesses: readonly AccessWrite[];
  readonly keeps: readonly Keeps[];
}

/**
 * Puts what the ledger must know on the ledger first and in the store second, so that a change that was answered is in
 * force. Between the two it is kept as a pending change: after a crash the ledger says whether it happened, and the
 * store follows.
 */
export class LedgerFirst {
  readonly #with: LedgerFirstParts;
  /** Changes of one turn of a row wait for each other, since the ledger takes its time. */
  readonly #turns = new Turns();

  constructor(parts: LedgerFirstParts) {
    this.#with = parts;
  }

  /**
   * @returns what is strange about the change
   * @throws FhirError when a row does not let it follow the current version
   */
  mayFollow(
    change: Change,
    current: StoredVersion | undefined,
    principal: Principal,
  ): readonly Issue[] {
    return this.#with.rows.flatMap((row) => row.mayFollow(change, current, principal));
  }

  /** Undefined for a set that is the store's alone. @throws FhirError for one that cannot go to the ledger as a whole */
  wayOf(set: ChangeSet, principal: Principal): Way | undefined {
    const [way, other] = this.#with.rows.flatMap((row): Way[] => {
      const watched = row.watched(set);
      return watched.length === 0 ? [] : [{ row, watched, turn: row.turn(set), principal }];
    });
    if (way === undefined) return undefined;
    if (other !== undefined) {
      const both = `${way.row.title} and ${other.row.title}`;
      throw new FhirError('unprocessable', `${both} cannot be changed in one step`);
    }
    if (way.turn !== undefined) assertSure(set, way.row);
    return way;
  }

  /**
   * Runs `act` when its turn has come and what was open before is settled, so that what it reads stays true until it has
   * written. What another server got to the ledger first makes it run again.
   */
  async take<T>(way: Way | undefined, act: (places: Keeps | undefined) => Promise<T>): Promise<T> {
    if (way === undefined) return act(undefined);
    const { row, watched, turn } = way;
    const place = { collection: `${row.name}-place`, keys: watched };
    const once = async (): Promise<T> => act(await readPlaces(this.#with, place));
    if (turn === undefined) return once();
    return this.#inTurn(row, turn, async () => {
      await this.#settle(row, turn);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once();
        } catch (error) {
          if (!isOutrun(error) || attempt >= ATTEMPTS) throw error;
          await row.outrun(turn);
        }
      }
    });
  }

  /** To be called by `take`. @throws StoreConflict, LedgerError; whether it happened is not known after `commit-unknown` */
  async write(
    way: Way | undefined,
    set: ChangeSet,
    { versions, leaves, accesses, keeps }: Stored,
  ): Promise<void> {
    const { pass, hold, free, restore } = allOf(keeps);
    if (way?.turn === undefined) {
      return this.#with.store.write({ versions, leaves, accesses, records: pass });
    }
    const { row, turn, principal } = way;
    const { transaction, state } = await row.prepare(turn, set, principal);
    const pending = encodePending({
      txId: transaction.txId,
      signed: transaction.bytes,
      state,
      write: { versions, leaves, records: free },
      restore,
    });
    await this.#with.store.write({
      records: [{ ...pendingRecord(row, turn), value: pending, expected: null }, ...hold],
    });
    await this.#submit(row, turn, pending);
  }

  /**
   * Resolves when no change of this turn is under way here, nor at another server of the store: its change may be on the
   * ledger and not stored yet. If that server is gone, this does not wait until somebody finishes its change.
   */
  async quiet(name: string, turn: string): Promise<void> {
    await this.#turns.quiet(`${name} ${turn}`);
    const { records } = this.#with.store;
    for (let left = LOOKS; left > 0; left -= 1) {
      if ((await records.record(pendingIn({ name }), turn)) === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Finishes what a crash or an outage left open. Call at start and from time to time; a LedgerError means: later. */
  async recover(): Promise<void> {
    for (const row of this.#with.rows) {
      for (const turn of (await this.#with.store.records.records(pendingIn(row))).keys()) {
        await this.#inTurn(row, turn, () => this.#settle(row, turn));
      }
    }
  }

  /** Versions that are stored as soon as the ledger has them, whichever server sent them there. */
  async onTheirWay(): Promise<readonly VersionWrite[]> {
    const pending = await Promise.all(
      this.#with.rows.map((row) => this.#with.store.records.records(pendingIn(row))),
    );
    return pending
      .flatMap((ofRow) => [...ofRow.values()])
      .flatMap((bytes) => decodePending(bytes).write.versions ?? []);
  }

  async #settle(row: LedgerRow, turn: string): Promise<void> {
    const bytes = await this.#with.store.records.record(pendingIn(row), turn);
    if (bytes === undefined) return;
    try {
      await this.#submit(row, turn, bytes);
    } catch (error) {
      if (!isInvalid(error)) throw error;
    }
  }

  /** Submitting the same bytes again is safe; the pending record goes as soon as the outcome is certain. */
  async #submit(row: LedgerRow, turn: string, pending: Uint8Array): Promise<void> {
    const { txId, signed, state, write, restore } = decodePending(pending);
    const removal = { ...pendingRecord(row, turn), value: undefined, expected: pending };
    try {
      await this.#with.channel.submit({ txId, bytes: signed });
    } catch (error) {
      if (isInvalid(error)) await this.#end(removal, { records: restore });
      throw error;
    }
    // It is in force: searches must not look for what the ledger hides while the store is still writing.
    row.follow(turn, state);
    await this.#end(removal, {
      ...write,
      versions: (write.versions ?? []).map(this.#with.indexed),
      records: [...(write.records ?? []), ...row.afterwards(turn, state)],
    });
    // Meanwhile somebody may have read the one before from the store again.
    row.follow(turn, state);
  }

  /** Stores the outcome, once: another server may have settled the same change. */
  async #end(
    removal: RecordWrite,
    { records = [], ...write }: PendingChange['write'],
  ): Promise<void> {
    try {
      await this.#with.store.write({ ...write, records: [...records, removal] });
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
      const now = await this.#with.store.records.record(removal.collection, removal.key);
      if (now !== undefined && Buffer.compare(now, removal.expected ?? new Uint8Array()) === 0) {
        throw error;
      }
    }
  }

  #inTurn<T>(row: LedgerRow, turn: string, act: () => Promise<T>): Promise<T> {
    return this.#turns.take(`${row.name} ${turn}`, act);
  }
}

const pendingIn = ({ name }: Pick<LedgerRow, 'name'>): string => `${name}-pending`;

function pendingRecord(row: LedgerRow, turn: string): Pick<RecordWrite, 'collection' | 'key'> {
  return { collection: pendingIn(row), key: turn };
}

/** Another recording was first, before this one was endorsed or before it was ordered. */
function isOutrun(error: unknown): boolean {
  if (isInvalid(error)) return true;
  return error instanceof LedgerError && error.contractCode === 'epoch-mismatch';
}

function isInvalid(error: unknown): error is LedgerError {
  return error instanceof LedgerError && error.phase === 'commit-invalid';
}
