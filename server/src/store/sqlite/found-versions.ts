import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { StoreUnavailable } from '../errors.ts';
import type { StoredVersion } from '../version-store.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';

/** Names what makes a version, of `resource r` and `version v`. */
export const COLUMNS =
  'r.type, r.id, v.version, v.deleted, v.last_updated, v.method, v.leaf, v.patients, v.body';

/** Reads versions that were found by an index, by their numbers. */
export class FoundVersions {
  readonly #sql: Prepared<typeof STATEMENTS>;

  constructor(db: DatabaseSync) {
    this.#sql = prepareAll(db, STATEMENTS);
  }

  /** A version found by a search, which knows type and id already. */
  found(type: string, id: string, vid: SQLInputValue): StoredVersion {
    const row = this.#sql.byVid.get(type, id, vid);
    if (!row) throw new StoreUnavailable('The store has lost a version');
    return storedVersion(row);
  }

  /** A version by its place in the order of commits. */
  numbered(vid: number): StoredVersion {
    const row = this.#sql.numbered.get(vid);
    if (!row) throw new StoreUnavailable('The store has lost a version');
    return storedVersion(row);
  }
}

export function storedVersion(row: Record<string, SQLOutputValue>): StoredVersion {
  return {
    type: String(row.type),
    id: String(row.id),
    version: Number(row.version),
    deleted: row.deleted === 1,
    lastUpdated: Number(row.last_updated),
    method: row.method as StoredVersion['method'],
    body: row.body as Uint8Array,
    patients: JSON.parse(String(row.patients)) as string[],
    leaf: String(row.leaf),
  };
}

const STATEMENTS = {
  byVid: 'SELECT ? AS type, ? AS id, * FROM version WHERE vid = ?',
  numbered: `SELECT ${COLUMNS} FROM version v JOIN resource r ON r.number = v.rid WHERE v.vid = ? LIMIT 1`,
} as const;
