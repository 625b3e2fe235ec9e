import { StoreConflict } from '../store/errors.ts';
import type { RecordWrite } from '../store/record-store.ts';
import type { Store } from '../store/store.ts';

const COLLECTION = 'leader';
/** Milliseconds without a sign of life after which another server may take over. */
const TERM = 3_000;

export interface LeadershipOptions {
  readonly store: Pick<Store, 'records' | 'write'>;
  /** Says what for, among the servers of this store. */
  readonly of: string;
  readonly newId: () => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly term?: number;
}

/**
 * Elects one of the servers of a store, for work that one alone should do. It spares work and is no lock: a server that was
 * held up may act once more after another took over, so that what it does must be safe in itself. Clocks of servers are
 * never compared: a follower watches whether the leader's record changes.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #term: number;
  readonly #server: string;
  #beats = 0;
  /** The record as this server wrote it last, while it leads, and when. */
  #mine: { readonly value: Uint8Array; readonly at: number } | undefined;
  /** Another's record, and since when it is the same. */
  #others: { readonly value: Uint8Array; readonly since: number } | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#term = options.term ?? TERM;
    this.#server = options.newId();
  }

  /** Tells whether this server leads now, becoming the leader when there is none any more. @throws StoreUnavailable */
  async leads(): Promise<boolean> {
    const { store, of, now } = this.#options;
    if (this.#mine !== undefined) {
      if (now() - this.#mine.at < this.#term / 3) return true;
      return this.#claim(this.#mine.value);
    }
    const value = await store.records.record(COLLECTION, of);
    if (value === undefined) return this.#claim(null);
    if (!same(value, this.#others?.value)) this.#others = { value, since: now() };
    if (now() - (this.#others?.since ?? 0) < this.#term) return false;
    return this.#claim(value);
  }

  /** Lets another take over at once. */
  async resign(): Promise<void> {
    const expected = this.#mine?.value;
    this.#mine = undefined;
    if (expected !== undefined) await this.#put({ value: undefined, expected });
  }

  async #claim(expected: Uint8Array | null): Promise<boolean> {
    const at = this.#options.now();
    this.#beats += 1;
    const value = Buffer.from(JSON.stringify({ server: this.#server, beat: this.#beats }));
    this.#mine = undefined;
    if (!(await this.#put({ value, expected }))) return false;
    this.#mine = { value, at };
    return true;
  }

  /** Returns false when another server has written it meanwhile. */
  async #put(record: Pick<RecordWrite, 'value' | 'expected'>): Promise<boolean> {
    const { store, of } = this.#options;
    try {
      await store.write({ records: [{ collection: COLLECTION, key: of, ...record }] });
      return true;
    } catch (error) {
      if (error instanceof StoreConflict) return false;
      throw error;
    }
  }
}

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}
