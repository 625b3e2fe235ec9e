import type { DatabaseSync } from 'node:sqlite';
import type { RecordNews, RecordStore } from '../record-store.ts';
import type { FileUse } from './file-use.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';

export class SqliteRecords implements RecordStore {
  readonly #file: FileUse;
  readonly #sql: Prepared<typeof STATEMENTS>;

  constructor(db: DatabaseSync, file: FileUse) {
    this.#file = file;
    this.#sql = prepareAll(db, STATEMENTS);
  }

  record(collection: string, key: string): Promise<Uint8Array | undefined> {
    return this.#file.read(
      () => this.#sql.record.get(collection, key)?.value as Uint8Array | undefined,
    );
  }

  records(collection: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#file.read(() => {
      const rows = this.#sql.records.all(collection);
      return new Map(rows.map((row) => [String(row.key), row.value as Uint8Array]));
    });
  }

  /** One process alone has the file. */
  async newsOf(collection: string, since: number | undefined): Promise<RecordNews> {
    const records = since === undefined ? await this.records(collection) : new Map();
    return { revision: Infinity, records };
  }
}

const STATEMENTS = {
  record: 'SELECT value FROM record WHERE collection = ? AND key = ?',
  records: 'SELECT key, value FROM record WHERE collection = ? ORDER BY key',
} as const;
