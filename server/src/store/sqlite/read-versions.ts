import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { FOREVER } from './schema.ts';
import { StoreUnavailable } from '../errors.ts';
import type { ScanPage, StoredVersion } from '../version-store.ts';

type Row = Record<string, SQLOutputValue>;

const COLUMNS =
  'r.type, r.id, v.version, v.deleted, v.last_updated, v.method, v.leaf, v.patients, v.body';

/** Reads versions by their names. */
export class VersionReader {
  readonly #current: StatementSync;
  readonly #byVid: StatementSync;
  readonly #numbered: StatementSync;
  readonly #version: StatementSync;
  readonly #history: StatementSync;
  readonly #scan: StatementSync;
  readonly #count: StatementSync;

  constructor(db: DatabaseSync) {
    const named = `r.type = ? AND r.id = ? AND r.until = ${FOREVER}`;
    this.#current = db.prepare(
      `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.vid = r.vid WHERE ${named}`,
    );
    this.#byVid = db.prepare('SELECT ? AS type, ? AS id, * FROM version WHERE vid = ?');
    this.#numbered = db.prepare(
      `SELECT ${COLUMNS} FROM version v JOIN resource r ON r.number = v.rid WHERE v.vid = ? LIMIT 1`,
    );
    this.#version = db.prepare(
      `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.rid = r.number WHERE ${named} AND v.version = ?`,
    );
    this.#history = db.prepare(
      `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.rid = r.number
       WHERE ${named} AND v.version < ? ORDER BY v.version DESC LIMIT ?`,
    );
    this.#count = db.prepare(`SELECT version FROM resource r WHERE ${named}`);
    this.#scan = db.prepare(
      `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.vid = r.vid
       WHERE r.type = ? AND r.id > ? AND r.until = ${FOREVER} AND r.deleted = 0 ORDER BY r.id LIMIT ?`,
    );
  }

  current(type: string, id: string): StoredVersion | undefined {
    const row = this.#current.get(type, id);
    return row && storedVersion(row);
  }

  /** A version found by a search, which knows type and id already. */
  found(type: string, id: string, vid: SQLInputValue): StoredVersion {
    const row = this.#byVid.get(type, id, vid);
    if (!row) throw new StoreUnavailable('The store has lost a version');
    return storedVersion(row);
  }

  /** A version by its place in the order of commits. */
  numbered(vid: number): StoredVersion {
    const row = this.#numbered.get(vid);
    if (!row) throw new StoreUnavailable('The store has lost a version');
    return storedVersion(row);
  }

  scan(type: string, page: ScanPage): readonly StoredVersion[] {
    return this.#scan.all(type, page.after ?? '', page.count).map(storedVersion);
  }

  version(type: string, id: string, version: number): StoredVersion | undefined {
    const row = this.#version.get(type, id, version);
    return row && storedVersion(row);
  }

  history(
    type: string,
    id: string,
    page: { count: number; before?: number },
  ): readonly StoredVersion[] {
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    return this.#history.all(type, id, before, page.count).map(storedVersion);
  }

  /** Versions have no gaps: the number of the newest is their count. */
  count(type: string, id: string): number {
    return Number(this.#count.get(type, id)?.version ?? 0);
  }
}

function storedVersion(row: Row): StoredVersion {
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
