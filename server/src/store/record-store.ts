/** A small named value that must change together with versions: consent sets, secrets, transactions under way. */
export interface RecordWrite {
  readonly collection: string;
  readonly key: string;
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
  /** When given, the write set fails with StoreConflict unless the record holds exactly these bytes now (null = absent). */
  readonly expected?: Uint8Array | null;
}

/** Holds what other servers may have written to a collection since an earlier answer, and maybe more. */
export interface RecordNews {
  /** Is given with the next question, and means something to the store alone; Infinity: no other server can write to it. */
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
  /** Reads what is new of a collection; `since` is the revision of an earlier answer, undefined for all there is. Deletions are not told. */
  newsOf(collection: string, since: number | undefined): Promise<RecordNews>;
}
