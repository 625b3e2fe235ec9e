import type { DatabaseSync } from 'node:sqlite';
import { StoreConflict } from '../errors.ts';
import type { LeafWrite } from '../leaf-queue.ts';
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

  #writeLeaf({ id, kind, subject, bytes, hash, salt, content }: LeafWrite): void {
    this.#sql.addLeaf.run(id, kind, subject ?? null, bytes, hash, salt, content ?? null);
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

const STATEMENTS = {
  addLeaf:
    'INSERT INTO leaf (id, kind, subject, bytes, hash, salt, content) VALUES (?, ?, ?, ?, ?, ?, ?)',
  record: 'SELECT value FROM record WHERE collection = ? AND key = ?',
  putRecord: 'INSERT OR REPLACE INTO record (collection, key, value) VALUES (?, ?, ?)',
  dropRecord: 'DELETE FROM record WHERE collection = ? AND key = ?',
} as const;
