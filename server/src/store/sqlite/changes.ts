import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { admits, onlyOf, openChangePage, sealChangePage } from '../change-page.ts';
import type { ChangePage, ChangeQuery } from '../version-store.ts';
import { LogPlaces } from './log-marks.ts';
import type { FoundVersions } from './found-versions.ts';
import { NO_PATIENT } from './write-versions.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';

/** Versions looked at before other work gets its turn. */
const PER_TURN = 1_000;
/** Up to so many types or patients, their own changes are read instead of everybody's. */
const FEW = 20;

/** Lists versions in the order of their commits. */
export class Changes {
  readonly #reader: FoundVersions;
  readonly #pageKey: Uint8Array;
  readonly #places: LogPlaces;
  readonly #sql: Prepared<typeof STATEMENTS>;

  constructor(
    db: DatabaseSync,
    by: { readonly reader: FoundVersions; readonly pageKey: Uint8Array },
  ) {
    this.#reader = by.reader;
    this.#pageKey = by.pageKey;
    this.#places = new LogPlaces(db);
    this.#sql = prepareAll(db, STATEMENTS);
  }

  /** In turns, so that no history holds up everything else. @param turn runs a part of it, while the store is open */
  async list(query: ChangeQuery, turn: <T>(act: () => T) => Promise<T>): Promise<ChangePage> {
    const { count, since, at } = query;
    const opened = openChangePage(this.#pageKey, query);
    const { first, after } = await turn(() => ({
      first: at === undefined ? opened : Math.min(opened, this.#places.until(at.to) + 1),
      after: since === undefined ? 0 : this.#places.after(since),
    }));
    let below = first;
    const passes = this.#test(query);
    const found: number[] = [];
    for (let left = true; left && found.length <= count;) {
      const looked = await turn(() => this.#candidates(query, { below, after }));
      found.push(...(await turn(() => looked.filter(passes))));
      below = looked.at(-1) ?? 0;
      left = looked.length === PER_TURN;
      if (left) await new Promise((resolve) => setImmediate(resolve));
    }
    const shown = found.slice(0, count);
    const versions = await turn(() => shown.map((vid) => this.#reader.numbered(vid)));
    const last = shown.at(-1);
    if (found.length <= count || last === undefined) return { versions };
    return { versions, next: sealChangePage(this.#pageKey, query, last) };
  }

  /** The next versions that may pass, newest first. */
  #candidates(
    { types, narrowed }: ChangeQuery,
    { below, after }: { readonly below: number; readonly after: number },
  ): readonly number[] {
    const patients = narrowed && onlyOf(narrowed);
    const vids = (rows: readonly Record<string, SQLOutputValue>[]): number[] =>
      rows.map(({ vid }) => Number(vid));
    let lists: readonly (readonly number[])[] | undefined;
    if (patients && patients.length <= FEW) {
      lists = [NO_PATIENT, ...patients].map((id) =>
        vids(this.#sql.ofPatient.all(id, below, after)),
      );
    } else if (types && types.length <= FEW) {
      lists = types.map((type) => vids(this.#sql.ofType.all(type, below, after)));
    }
    if (!lists) return vids(this.#sql.all.all(below, after));
    return [...new Set(lists.flat())].sort((a, b) => b - a).slice(0, PER_TURN);
  }

  #test({ types, since, at, narrowed }: ChangeQuery): (vid: number) => boolean {
    const named = types && new Set(types);
    if (narrowed) admits(narrowed, []);
    return (vid) => {
      const row = this.#sql.facts.get(vid);
      if (!row) return false;
      const written = Number(row.last_updated);
      if (named?.has(String(row.type)) === false) return false;
      if (since !== undefined && written < since) return false;
      if (at && (written >= at.to || Number(row.ended ?? Infinity) <= at.from)) return false;
      return !narrowed || admits(narrowed, JSON.parse(String(row.patients)) as string[]);
    };
  }
}

const NEWEST = `vid < ? AND vid > ? ORDER BY vid DESC LIMIT ${PER_TURN}`;
const STATEMENTS = {
  all: `SELECT vid FROM version WHERE ${NEWEST}`,
  ofType: `SELECT vid FROM type_change WHERE type = ? AND ${NEWEST}`,
  ofPatient: `SELECT vid FROM patient_change WHERE patient = ? AND ${NEWEST}`,
  facts: `SELECT v.patients, v.last_updated,
    (SELECT type FROM resource r WHERE r.number = v.rid LIMIT 1) AS type,
    (SELECT last_updated FROM version n WHERE n.rid = v.rid AND n.version = v.version + 1) AS ended
    FROM version v WHERE v.vid = ?`,
} as const;
