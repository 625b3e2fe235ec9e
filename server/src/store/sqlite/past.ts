import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Marks } from '../marks.ts';
import { StoreUnavailable } from '../resource-store.ts';
import type { StoreOptions } from '../store-options.ts';
import { entryTables, forever } from './schema.ts';

/** Versions looked at in one slice of cleaning up, and how long a slice may hold up everything else, in ms. */
const sliceRows = 256;
const sliceMs = 4;

/**
 * Keeps what has been current lately: kept in the index for the pages of earlier searches, and taken out of it
 * afterwards.
 */
export class Past {
  readonly #db: DatabaseSync;
  readonly #options: StoreOptions['past'];
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;
  readonly #clear: readonly StatementSync[];
  readonly #transaction: (act: () => void) => void;
  #horizon: number;
  #newest: number | undefined;
  readonly #marks: Marks | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    db: DatabaseSync,
    options: StoreOptions['past'],
    transaction: (act: () => void) => void,
  ) {
    this.#db = db;
    this.#options = options;
    this.#transaction = transaction;
    this.#sql = Object.fromEntries(
      Object.entries(statements).map(([name, text]) => [name, db.prepare(text)]),
    ) as Record<keyof typeof statements, StatementSync>;
    this.#clear = Object.values(entryTables).map(({ table }) =>
      db.prepare(`DELETE FROM ${table} WHERE rid = ?`),
    );
    this.#horizon = Number(this.#sql.horizon.get()?.value);
    this.#marks = options && new Marks(options);
    this.#wait(this.#marks?.every);
  }

  /** The newest commit. */
  newest(): number {
    this.#newest ??= Number(this.#sql.newest.get()?.vid ?? 0);
    return this.#newest;
  }

  /** Something was committed. */
  committed(): void {
    this.#newest = undefined;
  }

  /** The oldest commit as of which can be searched. */
  get horizon(): number {
    return this.#horizon;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number | undefined): void {
    if (ms !== undefined) this.#timer = setTimeout(() => this.#tidy(), ms).unref();
  }

  #tidy(): void {
    const started = this.#options?.now() ?? 0;
    let more = false;
    try {
      more = this.#tidySlice(started);
    } catch (error) {
      // A full disk, say: what cannot be done now is done the next time.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    // A third of the time at most goes into cleaning up.
    const spent = (this.#options?.now() ?? 0) - started;
    this.#wait(more ? 1 + 2 * spent : this.#marks?.every);
  }

  #tidySlice(started: number): boolean {
    const due = this.#marks?.due(started, this.newest());
    if (!this.#options || due === undefined) return false;
    const { now } = this.#options;
    const rows = this.#sql.due.all(due, sliceRows);
    if (rows.length === 0 && due === this.#horizon) return false;
    let done = 0;
    this.#unsynced(() => {
      for (const { rid = null, contains } of rows) {
        const contained = contains === 1 ? this.#sql.inside.all(rid) : [];
        for (const one of [{ rid }, ...contained]) {
          for (const clear of this.#clear) clear.run(one.rid ?? null);
        }
        if (contains === 1) this.#sql.dropInside.run(rid);
        this.#sql.dropText.run(rid);
        this.#sql.drop.run(rid);
        done += 1;
        if (now() - started > sliceMs) break;
      }
      this.#sql.raise.run(due);
    });
    this.#horizon = due;
    return done < rows.length || rows.length === sliceRows;
  }

  /**
   * Does something that, when a crash undoes it, is cleaned up again: nobody need wait for the disk. The next commit of
   * a writer syncs it too.
   */
  #unsynced(act: () => void): void {
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      this.#transaction(act);
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }
}

const statements = {
  newest: 'SELECT max(vid) AS vid FROM version',
  horizon: `SELECT value FROM meta WHERE name = 'horizon'`,
  raise: `UPDATE meta SET value = ? WHERE name = 'horizon'`,
  due: `SELECT rid, EXISTS (SELECT 1 FROM contained WHERE container = resource.rid) AS contains
    FROM resource INDEXED BY resource_past WHERE until < ${forever} AND until <= ? ORDER BY until LIMIT ?`,
  drop: 'DELETE FROM resource WHERE rid = ?',
  dropText: 'DELETE FROM text_index WHERE rowid = ?',
  inside: 'SELECT rid FROM contained WHERE container = ?',
  dropInside: 'DELETE FROM contained WHERE container = ?',
} as const;
