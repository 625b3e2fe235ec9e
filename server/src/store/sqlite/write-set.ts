import type { DatabaseSync } from 'node:sqlite';
import { StoreConflict } from '../errors.ts';
import type { AccessWrite, ChainHead, LeafWrite } from '../leaf-queue.ts';
import type { RecordWrite } from '../record-store.ts';
import type { WriteSet } from '../store.ts';
import type { VersionWrite } from '../version-store.ts';
import type { Dictionary } from './dictionary.ts';
import { VersionWriter } from './write-versions.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';

/** Writes whole sets on one connection, inside the caller's transaction. */
export class SetWriter {
  readonly #versions: VersionWriter;
  readonly #sql: Prepared<typeof STATEMENTS>;

  constructor(db: DatabaseSync, dictionary: Dictionary) {
    this.#versions = new VersionWriter(db, dictionary);
    this.#sql = prepareAll(db, STATEMENTS);
  }

  /** @throws StoreConflict */
  write(set: WriteSet): void {
    for (const version of set.versions ?? []) this.#versions.write(version);
    for (const leaf of set.leaves ?? []) this.#writeLeaf(leaf);
    for (const access of set.accesses ?? [])
      this.#writeLeaf(this.#placed(access, this.#last(access)));
    for (const record of set.records ?? []) this.#writeRecord(record);
  }

  reindex(version: VersionWrite): void {
    this.#versions.reindex(version);
  }

  /** Another connection has written. */
  refresh(): void {
    this.#versions.refresh();
  }

  rolledBack(): void {
    this.#versions.rolledBack();
  }

  /**
   * Returns the set with its accesses among the leaves, for another connection that is the next to write: functions cannot be
   * handed over.
   */
  withPlaces({ accesses = [], leaves = [], ...set }: WriteSet): WriteSet {
    if (accesses.length === 0) return { ...set, leaves };
    const heads = new Map<string, ChainHead | undefined>();
    const placed = accesses.map((access) => {
      const { subject } = access;
      const leaf = this.#placed(
        access,
        heads.has(subject) ? heads.get(subject) : this.#last(access),
      );
      heads.set(subject, { seq: leaf.chain, hash: leaf.hash });
      return leaf;
    });
    return { ...set, leaves: [...leaves, ...placed] };
  }

  #writeLeaf({ id, kind, subject, bytes, hash, salt, content, chain }: PlacedLeaf): void {
    this.#sql.addLeaf.run(
      ...([id, kind, subject ?? null, bytes, hash, salt, content ?? null, chain ?? null] as const),
    );
  }

  #placed({ following, ...access }: AccessWrite, last: ChainHead | undefined): LeafWrite & Place {
    return { ...access, ...following(last), chain: last === undefined ? 0 : last.seq + 1 };
  }

  #last({ subject }: AccessWrite): ChainHead | undefined {
    const row = this.#sql.chainHead.get(subject);
    return row && { seq: Number(row.chain), hash: row.hash as Uint8Array };
  }

  #writeRecord({ collection, key, value, expected }: RecordWrite): void {
    if (expected !== undefined) {
      const now = this.#sql.record.get(collection, key)?.value as Uint8Array | undefined;
      const same =
        now === undefined || expected === null
          ? now === undefined && expected === null
          : Buffer.compare(now, expected) === 0;
      if (!same) throw new StoreConflict('A record is not what the writer saw');
    }
    if (value === undefined) this.#sql.dropRecord.run(collection, key);
    else this.#sql.putRecord.run(collection, key, value);
  }
}

interface Place {
  readonly chain: number;
}

/** A leaf with its place in the chain of its subject, if it is an access. */
type PlacedLeaf = LeafWrite & Partial<Place>;

const STATEMENTS = {
  addLeaf: `INSERT INTO leaf (id, kind, subject, bytes, hash, salt, content, chain)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  chainHead: `SELECT chain, hash FROM leaf INDEXED BY leaf_by_chain
    WHERE subject = ? AND chain IS NOT NULL ORDER BY chain DESC, fork DESC LIMIT 1`,
  record: 'SELECT value FROM record WHERE collection = ? AND key = ?',
  putRecord: 'INSERT OR REPLACE INTO record (collection, key, value) VALUES (?, ?, ?)',
  dropRecord: 'DELETE FROM record WHERE collection = ? AND key = ?',
} as const;
