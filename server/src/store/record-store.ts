/** A small named value that must change together with versions: consent sets, secrets, transactions under way. */
export interface RecordWrite {
  readonly collection: string;
  readonly key: string;
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
  /** When given, the write set fails with StoreConflict unless the record holds exactly these bytes now (null = absent). */
  readonly expected?: Uint8Array | null;
}

/** Says what a collection holds that may be news: all of it that was written after an earlier answer, and maybe more. */
export interface RecordNews {
  /** To be given with the next question; it means something to the store alone. */
  readonly revision: number;
  readonly records: ReadonlyMap<string, Uint8Array>;
}

/**
 * PORT. Reads the small records of one organisation's server; `Store.write` is what changes them.
 *
 * Durability and atomicity: a record is as durable as the set that wrote it, and is seen with all of that set or not at all.
 * Ordering: a read sees every set whose `write` resolved before the read began; `expected` is compared in that order.
 * Values are opaque bytes, keys are any text.
 */
export interface RecordStore {
  record(collection: string, key: string): Promise<Uint8Array | undefined>;
  /** All records of a collection, by key. */
  records(collection: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Reads what was written since an earlier answer, by any server; undefined: since ever. Of deletions it says nothing. */
  newsOf(collection: string, since: number | undefined): Promise<RecordNews>;
}
