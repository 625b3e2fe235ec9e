import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../explanation.ts';
import { boundFilter, boundFollowed, followLimit } from '../bound-filter.ts';
import { mergeTypes, startIn } from '../merge-types.ts';
import { mergeRows, momentOf, openPlace, turnPage } from '../page.ts';
import type { PagePlace } from '../page.ts';
import { PageExpired, SearchTooCostly } from '../resource-store.ts';
import type { SearchPage } from '../resource-store.ts';
import type { Dictionary } from './dictionary.ts';
import { inWindows } from './in-windows.ts';
import type { Allowance } from './in-windows.ts';
import { chooseDriver, looksAt } from './choose-driver.ts';
import type { Looking } from './choose-driver.ts';
import { isOwnOrder, pageSql } from './page-sql.ts';
import { foundVersions } from './found-rows.ts';
import type { FoundRow } from './found-rows.ts';
import type { Past } from './past.ts';
import { queryParts } from './query-parts.ts';
import type { VersionReader } from './read-versions.ts';
import { Shortcuts } from './shortcuts.ts';
import { driven, from, scans, tests, windowOf } from './sources-sql.ts';
import type { Part } from './sources-sql.ts';
import type { Moment, Sql } from './sql.ts';
import { Statements } from './statements.ts';
import { Overspent, tooMuch } from './work-budget.ts';
import type { WorkBudget } from './work-budget.ts';
import { walkSql } from './walk-sql.ts';

/** Candidates that are taken when the order of the search does not lead to matches soon. */
const most = 16_384;

/**
 * Bounds what choosing a way and taking it may cost at one go: well less than a tenth of a second together; so for a
 * count.
 */
const choiceWork = 150_000;
const pageWork = 100_000;
const orderedWork = 30_000;
const stepWork = 100_000;
/** Bounds what a page or a count may cost in steps. */
const farWork = 3_750_000;

/** Evaluates search queries on one connection. */
export class Search {
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #reader: VersionReader;
  readonly #past: Past;
  readonly #budget: WorkBudget;
  readonly #pageKey: Uint8Array;
  readonly #statements: Statements;
  readonly #looking: Looking;
  readonly #shortcuts: Shortcuts;

  constructor(
    db: DatabaseSync,
    by: {
      readonly dictionary: Dictionary;
      readonly reader: VersionReader;
      readonly past: Past;
      readonly budget: WorkBudget;
      readonly pageKey: Uint8Array;
    },
  ) {
    this.#db = db;
    this.#statements = new Statements(db);
    this.#dictionary = by.dictionary;
    this.#reader = by.reader;
    this.#past = by.past;
    this.#looking = { statements: this.#statements, budget: by.budget };
    this.#shortcuts = new Shortcuts(this.#looking, by.past);
    this.#budget = by.budget;
    this.#pageKey = by.pageKey;
  }

  /**
   * A page, in steps between which others may have their turn; most take one.
   * @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds
   */
  *run(query: SearchQuery): Generator<undefined, SearchPage> {
    boundFilter(query);
    const place = openPlace(this.#pageKey, query);
    const newest = this.#past.newest();
    const at = momentOf(place, { newest, horizon: this.#past.horizon });
    const found =
      query.count === 0
        ? { matches: [], links: {} }
        : yield* this.#page(query, place, { at, newest });
    if (query.total !== 'accurate') return found;
    if (query.count > 0) yield undefined;
    return { ...found, total: yield* this.#counting(query, { at, newest }) };
  }

  *#page(
    query: SearchQuery,
    place: PagePlace | undefined,
    { at, newest }: { readonly at: number; readonly newest: number },
  ): Generator<undefined, SearchPage> {
    const backwards = place?.backwards === true;
    let parts = this.#bounded(choiceWork, () => this.#parts(query, at === newest ? undefined : at));
    const readAll = (rowsOf: (part: Part, limit: number) => FoundRow[]): FoundRow[] =>
      mergeTypes(query, parts, place, rowsOf);
    const placeIn = (part: Part) => ({ backwards, from: startIn(part.query.type, place?.from) });
    let read: FoundRow[];
    try {
      read = this.#budget.within(pageWork, () =>
        readAll((part, limit) => this.#rows(part, limit, placeIn(part))),
      ).result;
    } catch (error) {
      if (!(error instanceof Overspent)) throw error;
      yield undefined;
      parts = this.#bounded(choiceWork, () => this.#parts(query, at));
      const far = new Map<Part, FoundRow[]>();
      const left = { work: farWork };
      try {
        for (const part of parts)
          far.set(part, yield* this.#far(part, newest, placeIn(part), left));
      } catch (beyond) {
        throw tooMuch(beyond);
      }
      read = readAll((part, limit) => (far.get(part) ?? []).slice(0, limit));
    }
    const { rows, ...pages } = turnPage(this.#pageKey, query, {
      rows: read,
      place,
      at,
    });
    return { ...foundVersions(rows, query, this.#reader), ...pages };
  }

  /** The first rows of one type from a place on, window by window over the rows there were at first. */
  *#far(
    part: Part,
    newest: number,
    place: Pick<PagePlace, 'from' | 'backwards'>,
    left: Allowance,
  ): Generator<undefined, FoundRow[]> {
    const { count, sort } = part.query;
    let best: FoundRow[] = [];
    yield* inWindows(this.#budget, newest, left, (start, end) => {
      if ((part.scope.at ?? newest) < this.#past.horizon) {
        throw new PageExpired('The page link has expired');
      }
      const found = this.#read(part, [windowOf(part, start, end)], count + 1, place);
      best = mergeRows(sort, place.backwards, [...best, ...found]).slice(0, count + 1);
    });
    return best;
  }

  /** @throws SearchTooCostly, RangeError */
  explain(query: SearchQuery): Explanation[] {
    boundFilter(query);
    const place = { backwards: false, from: undefined };
    return this.#bounded(choiceWork, () =>
      this.#parts(query, undefined).map((part): Explanation => {
        const { driver, scope, query: one } = part;
        const sources = this.#sources(part, one.count + 1, place);
        return {
          type: scope.type,
          looksAt: looksAt(sources[0]?.text ?? '', driver),
          ...(driver?.selective ? { atMost: driver.atMost } : {}),
          statements: sources.map((source) => {
            const { text, values } = pageSql(one.sort, source, scope, place);
            const plan = this.#db.prepare(`EXPLAIN QUERY PLAN ${text}`);
            const steps = plan.all(...values, 1).map(({ detail }) => String(detail));
            return { text: text.replaceAll(/\s+/g, ' '), steps };
          }),
        };
      }),
    );
  }

  #bounded<T>(work: number, act: () => T): T {
    try {
      return this.#budget.within(work, act).result;
    } catch (error) {
      throw tooMuch(error);
    }
  }

  /** At one go if it is little; otherwise window by window over the rows there were at first. */
  *#counting(
    query: SearchQuery,
    { at, newest }: { readonly at: number; readonly newest: number },
  ): Generator<undefined, number> {
    try {
      // Others may have written since.
      const now = at === this.#past.newest() ? undefined : at;
      return this.#budget.within(stepWork, () =>
        this.#parts(query, now).reduce((sum, part) => sum + this.#total(part), 0),
      ).result;
    } catch (error) {
      if (!(error instanceof Overspent)) throw error;
    }
    const left = { work: farWork };
    let total = 0;
    try {
      yield undefined;
      const parts = this.#budget.within(choiceWork, () => this.#parts(query, at)).result;
      for (const part of parts) {
        yield* inWindows(this.#budget, newest, left, (start, end) => {
          const { text, values } = windowOf(part, start, end);
          total += Number(this.#statements.of(`SELECT count(*) AS n ${text}`).get(...values)?.n);
        });
      }
    } catch (error) {
      if (!(error instanceof Overspent)) throw error;
      throw new SearchTooCostly('There is too much to count: add a criterion, or ask for no total');
    }
    return total;
  }

  #parts(query: SearchQuery, at: Moment): Part[] {
    return queryParts(query, { at, dictionary: this.#dictionary, ...this.#looking });
  }

  /** The first rows of one type from a place on, in the order of reading. */
  #rows(part: Part, limit: number, place: Pick<PagePlace, 'from' | 'backwards'>): FoundRow[] {
    const { driver, conjuncts: parts, scope } = part;
    const inOrder = () => this.#read(part, this.#sources(part, limit, place), limit, place);
    if (driver?.selective) return inOrder();
    const near = this.#shortcuts.find(part, { rows: limit, orderedWork });
    if (near) return this.#read(part, [driven(near, parts, scope)], limit, place);
    // A common match is met soon in any order; several common criteria need not be common together.
    const soon = this.#budget.attempt(orderedWork, inOrder);
    if (soon) return soon;
    const least = chooseDriver(parts, scope, this.#looking, [most]);
    if (!least?.selective) return inOrder();
    return this.#read(part, [driven(least, parts, scope)], limit, place);
  }

  #read(
    { query, scope }: Part,
    sources: readonly Sql[],
    limit: number,
    place: Pick<PagePlace, 'from' | 'backwards'>,
  ): FoundRow[] {
    const found = sources.flatMap((source) => {
      this.#boundSort(query, source);
      const page = pageSql(query.sort, source, scope, place);
      return this.#statements.of(page.text).all(...page.values, limit);
    });
    const rows = found.map((row) => ({
      type: query.type,
      id: String(row.id),
      vid: row.vid as SQLInputValue,
      ...(scope.shows && { place: Number(row.place) }),
      keys: query.sort.map((_, i) => row[`k${i}`] as number | string | null),
    }));
    return sources.length === 1
      ? rows
      : mergeRows(query.sort, place.backwards, rows).slice(0, limit);
  }

  #boundSort({ sort }: SearchQuery, { text, values }: Sql): void {
    const limit = followLimit(sort);
    if (limit === undefined) return;
    const counter = `SELECT count(*) AS n FROM (SELECT 1 ${text} LIMIT ?)`;
    boundFollowed(Number(this.#statements.of(counter).get(...values, limit)?.n), limit);
  }

  #total({ driver, conjuncts: parts, scope }: Part): number {
    const sources = driver ? [driven(driver, parts, scope)] : scans(parts, scope);
    return sources.reduce(
      (sum, { text, values }) =>
        sum + Number(this.#statements.of(`SELECT count(*) AS n ${text}`).get(...values)?.n),
      0,
    );
  }

  /** Tells where to look for the page: a selective criterion, the order itself, or else the least common criterion. */
  #sources(
    { query, scope, driver, conjuncts: parts }: Part,
    limit: number,
    place: Pick<PagePlace, 'from' | 'backwards'>,
  ): readonly Sql[] {
    if (driver?.selective) return [driven(driver, parts, scope)];
    const [key] = query.sort;
    if (isOwnOrder(query.sort) || scope.shows) {
      return scans(parts, scope, key === undefined || key.param === '_id' ? 'id' : 'time');
    }
    const walk = key && walkSql(key, tests(parts, scope, 'e.rid'), scope, place);
    const stops = walk && this.#statements.of(walk.stops.text).all(...walk.stops.values, limit);
    const stop = stops?.[limit - 1]?.stop;
    if (walk && (typeof stop === 'number' || typeof stop === 'string')) {
      const test = tests(parts, scope, 'd.rid');
      return [from(walk.upTo(stop), test, { unique: false, at: scope.at })];
    }
    return driver ? [driven(driver, parts, scope)] : scans(parts, scope);
  }
}
