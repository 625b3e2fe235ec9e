import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoreOptions } from '../store-options.ts';
import { entryTables, forever } from './schema.ts';

/** How many moments of the past are remembered, to know which commits lie further back than that. */
const marks = 16;
/** Versions looked at in one slice of cleaning up, and how long a slice may hold up everything else, in ms. */
const sliceRows = 256;
const sliceMs = 6;

/** What has been current lately: kept in the index for the pages of earlier searches, and taken out of it afterwards. */
export class Past {
  readonly #options: StoreOptions['past'];
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;
  readonly #clear: readonly StatementSync[];
  readonly #transaction: (act: () => void) => void;
  #horizon: number;
  /** Newest commit at a time. */
  #marks: { readonly at: number; readonly vid: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    db: DatabaseSync,
    options: StoreOptions['past'],
    transaction: (act: () => void) => void,
  ) {
    this.#options = options;
    this.#transaction = transaction;
    this.#sql = Object.fromEntries(
      Object.entries(statements).map(([name, text]) => [name, db.prepare(text)]),
    ) as Record<keyof typeof statements, StatementSync>;
    this.#clear = Object.values(entryTables).map(({ table }) =>
      db.prepare(`DELETE FROM ${table} WHERE rid = ?`),
    );
    this.#horizon = Number(this.#sql.horizon.get()?.value);
    if (options) this.#wait(options.keepMs / marks);
  }

  /** The newest commit. */
  newest(): number {
    return Number(this.#sql.newest.get()?.vid ?? 0);
  }

  /** The oldest commit as of which can be searched. */
  get horizon(): number {
    return this.#horizon;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#tidy(), ms).unref();
  }

  #tidy(): void {
    if (!this.#options) return;
    const { keepMs, now } = this.#options;
    const started = now();
    const more = this.#tidySlice(started);
    // A third of the time at most goes into cleaning up.
    this.#wait(more ? 1 + 2 * (now() - started) : keepMs / marks);
  }

  #tidySlice(started: number): boolean {
    if (!this.#options) return false;
    const { keepMs, now } = this.#options;
    const last = this.#marks.at(-1);
    if (last === undefined || started - last.at >= keepMs / marks) {
      this.#marks.push({ at: started, vid: this.newest() });
    }
    while ((this.#marks[1]?.at ?? Infinity) <= started - keepMs) this.#marks.shift();
    const [oldest] = this.#marks;
    if (oldest === undefined || oldest.at > started - keepMs) return false;
    const due = this.#sql.due.all(oldest.vid, sliceRows);
    if (due.length === 0 && oldest.vid === this.#horizon) return false;
    let done = 0;
    this.#transaction(() => {
      for (const { rid } of due) {
        for (const clear of this.#clear) clear.run(rid ?? null);
        this.#sql.drop.run(rid ?? null);
        done += 1;
        if (now() - started > sliceMs) break;
      }
      this.#sql.raise.run(oldest.vid);
    });
    this.#horizon = oldest.vid;
    return done < due.length || due.length === sliceRows;
  }
}

const statements = {
  newest: 'SELECT max(vid) AS vid FROM version',
  horizon: `SELECT value FROM meta WHERE name = 'horizon'`,
  raise: `UPDATE meta SET value = ? WHERE name = 'horizon'`,
  due: `SELECT rid FROM resource INDEXED BY resource_past WHERE until < ${forever} AND until <= ? ORDER BY until LIMIT ?`,
  drop: 'DELETE FROM resource WHERE rid = ?',
} as const;
