import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EMPTY_LOG, extendLog, NOTHING_FOLLOWS, type LogEnd } from '../milestones.ts';
import { MILESTONES } from './schema.ts';
import { prepareAll, type Prepared } from './statements.ts';

const PER_STEP = 10_000;

/** Keeps the milestones of the log while it is written, inside the caller's transaction. */
export class LogMarks {
  readonly #sql: Prepared<typeof STATEMENTS>;
  #end: LogEnd = EMPTY_LOG;

  constructor(db: DatabaseSync) {
    this.#sql = prepareAll(db, STATEMENTS);
    this.refresh();
  }

  /** Goes on from what is written; versions that an earlier version of this server has written get their milestones now. */
  refresh(): void {
    const newest = this.#sql.newest.get();
    this.#end = newest
      ? { milestone: Number(newest.vid), reach: Number(newest.reach), floor: Number(newest.floor) }
      : EMPTY_LOG;
    let from = this.#end.milestone;
    for (;;) {
      const rows = this.#sql.behind.all(from).map(({ vid, last_updated }) => {
        return { place: Number(vid), lastUpdated: Number(last_updated) };
      });
      this.#extend(rows);
      from = rows.at(-1)?.place ?? from;
      if (rows.length < PER_STEP) return;
    }
  }

  written(vid: number, lastUpdated: number): void {
    this.#extend([{ place: vid, lastUpdated }]);
  }

  #extend(versions: readonly { readonly place: number; readonly lastUpdated: number }[]): void {
    const { end, added, lowered } = extendLog(this.#end, versions);
    if (lowered !== undefined) this.#sql.lower.run(lowered, lowered);
    for (const { place, reach, floor } of added) this.#sql.add.run(place, reach, floor);
    this.#end = end;
  }
}

/** Finds where an instant lies. */
export class LogPlaces {
  readonly #after: StatementSync;
  readonly #until: StatementSync;

  constructor(db: DatabaseSync) {
    this.#after = db.prepare(`SELECT vid FROM ${MILESTONES} INDEXED BY ${MILESTONES}_by_reach
      WHERE reach < ? ORDER BY reach DESC, vid DESC LIMIT 1`);
    this.#until = db.prepare(`SELECT vid FROM ${MILESTONES} INDEXED BY ${MILESTONES}_by_floor
      WHERE floor >= ? ORDER BY floor, vid LIMIT 1`);
  }

  /** All versions up to here, and maybe more, are older. */
  after(since: number): number {
    return Number(this.#after.get(since)?.vid ?? 0);
  }

  /** All versions behind here, and maybe more, are not older. */
  until(to: number): number {
    return Number(this.#until.get(to)?.vid ?? NOTHING_FOLLOWS);
  }
}

const STATEMENTS = {
  newest: `SELECT vid, reach, floor FROM ${MILESTONES} ORDER BY vid DESC LIMIT 1`,
  behind: `SELECT vid, last_updated FROM version WHERE vid > ? ORDER BY vid LIMIT ${PER_STEP}`,
  lower: `UPDATE ${MILESTONES} SET floor = ? WHERE floor > ?`,
  add: `INSERT INTO ${MILESTONES} (vid, reach, floor) VALUES (?, ?, ?)`,
} as const;
