import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Filter, SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../explanation.ts';
import { boundFilter, boundFollowed, followLimit } from '../bound-filter.ts';
import { mergeTypes, startIn } from '../merge-types.ts';
import { mergeRows, momentOf, openPlace, turnPage } from '../page.ts';
import type { Place, Position } from '../page.ts';
import { SearchTooCostly } from '../resource-store.ts';
import type { SearchPage } from '../resource-store.ts';
import type { Scope } from './criterion-sql.ts';
import type { Dictionary } from './dictionary.ts';
import { candidates } from './filter-sql.ts';
import { isOwnOrder, pageSql } from './page-sql.ts';
import type { Past } from './past.ts';
import type { VersionReader } from './read-versions.ts';
import { conjuncts, driven, from, scans, tests, windowOf } from './sources-sql.ts';
import type { Driver, Part } from './sources-sql.ts';
import type { Moment, Sql } from './sql.ts';
import { Statements } from './statements.ts';
import { Overspent } from './work-budget.ts';
import type { WorkBudget } from './work-budget.ts';
import { walkSql } from './walk-sql.ts';

/** Resources of a type that may all be looked at to find the end of an order. */
const nearEnd = 5_000;
/** A criterion with this few candidates is taken at once; with that many it does not count as selective. */
const few = 24;
const probes = [64, 1_024] as const;
/** Candidates that are taken when the order of the search does not lead to matches soon. */
const most = 16_384;

interface FoundRow extends Position {
  readonly vid: SQLInputValue;
}

/** Gives the total in the end. */
type Counting = Generator<undefined, number>;

/** What a page may cost, and one step of counting: less than a tenth of a second each. */
const pageWork = 150_000;
const orderedWork = 12_000;
const stepWork = 40_000;
/** What counting may cost in all, and how many numbers of rows one step covers. */
const countWork = 1_500_000;
const stepRows = 5_000;

/** Evaluates search queries on one connection. */
export class Search {
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #reader: VersionReader;
  readonly #past: Past;
  readonly #budget: WorkBudget;
  readonly #pageKey: Uint8Array;
  readonly #statements: Statements;

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
    this.#budget = by.budget;
    this.#pageKey = by.pageKey;
  }

  /**
   * A page, and where a total is wanted the counting of it, in steps between which others may have their turn.
   * @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds
   */
  run(query: SearchQuery): { readonly page: SearchPage; readonly counting: Counting | undefined } {
    boundFilter(query);
    const place = openPlace(this.#pageKey, query);
    const newest = this.#past.newest();
    const at = momentOf(place, { newest, horizon: this.#past.horizon });
    const counting = query.total === 'accurate' ? this.#counting(query, { at, newest }) : undefined;
    if (query.count === 0) return { page: { matches: [], links: {} }, counting };
    const { parts, read } = this.#bounded(pageWork, () => {
      const found = this.#parts(query, at === newest ? undefined : at);
      const backwards = place?.backwards === true;
      const merged = mergeTypes(query, found, place, (part, limit) =>
        this.#rows(part, limit, { backwards, from: startIn(part.query.type, place?.from) }),
      );
      return { parts: found, read: merged };
    });
    const { rows, links } = turnPage(this.#pageKey, query, {
      rows: read,
      place,
      at,
      endIsNear: () => parts.every((part) => this.#endIsNear(part)),
    });
    const matches = rows.map(({ type, id, vid }) => this.#reader.found(type, id, vid));
    return { page: { matches, links }, counting };
  }

  /** @throws SearchTooCostly, RangeError */
  explain(query: SearchQuery): Explanation[] {
    boundFilter(query);
    const place = { backwards: false, from: undefined };
    return this.#bounded(pageWork, () =>
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

  /** @throws SearchTooCostly */
  #bounded<T>(work: number, act: () => T): T {
    try {
      return this.#budget.within(work, act).result;
    } catch (error) {
      if (!(error instanceof Overspent)) throw error;
      throw new SearchTooCostly('The search looks at too many resources: add a criterion');
    }
  }

  /** At one go if it is little; otherwise window by window over the rows there were at first. */
  *#counting(
    query: SearchQuery,
    { at, newest }: { readonly at: number; readonly newest: number },
  ): Counting {
    try {
      const now = at === newest ? undefined : at;
      return this.#budget.within(stepWork, () =>
        this.#parts(query, now).reduce((sum, part) => sum + this.#total(part), 0),
      ).result;
    } catch (error) {
      if (!(error instanceof Overspent)) throw error;
    }
    let left = countWork;
    let total = 0;
    for (const part of this.#parts(query, at)) {
      for (let start = 0; start <= newest; start += stepRows) {
        yield undefined;
        const { text, values } = windowOf(part, start, start + stepRows);
        const step = this.#budget.within(Infinity, () =>
          Number(this.#statements.of(`SELECT count(*) AS n ${text}`).get(...values)?.n),
        );
        total += step.result;
        left -= step.spent;
        if (left < 0) {
          throw new SearchTooCostly(
            'There is too much to count: add a criterion, or ask for no total',
          );
        }
      }
    }
    return total;
  }

  /** One for each type; of several, for each that has been written at all. */
  #parts({ others, ...query }: SearchQuery, at: Moment): Part[] {
    const typed = [{ type: query.type, filter: query.filter }, ...(others ?? [])];
    return typed
      .filter(({ type }) => !others || this.#dictionary.param(type, '', 'patient') !== undefined)
      .map((one) => {
        const scope: Scope = { type: one.type, dictionary: this.#dictionary, row: 'r', at };
        const parts = conjuncts(one.filter);
        return {
          query: { ...query, ...one },
          scope,
          conjuncts: parts,
          driver: this.#driver(parts, scope),
        };
      });
  }

  /** The first rows of one type from a place on, in the order of reading. */
  #rows(part: Part, limit: number, place: Pick<Place, 'from' | 'backwards'>): FoundRow[] {
    const { driver, conjuncts: parts, scope } = part;
    const inOrder = () => this.#read(part, this.#sources(part, limit, place), limit, place);
    if (driver?.selective) return inOrder();
    // What is common is met soon in any order; several common criteria need not be common together.
    const soon = this.#budget.attempt(orderedWork, inOrder);
    if (soon) return soon;
    const least = this.#driver(parts, scope, [most]);
    if (!least?.selective) return inOrder();
    return this.#read(part, [driven(least, parts, scope)], limit, place);
  }

  #read(
    { query, scope }: Part,
    sources: readonly Sql[],
    limit: number,
    place: Pick<Place, 'from' | 'backwards'>,
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
      keys: query.sort.map((_, i) => row[`k${i}`] as number | string | null),
    }));
    return sources.length === 1
      ? rows
      : mergeRows(query.sort, place.backwards, rows).slice(0, limit);
  }

  /** What has no value to sort by comes last, and no index knows what that is: all candidates are looked at. */
  #endIsNear({ query, driver, scope }: Part): boolean {
    if (driver?.selective || isOwnOrder(query.sort)) return true;
    const counter = `SELECT count(*) AS n FROM (SELECT 1 FROM resource WHERE type = ? LIMIT ?)`;
    return Number(this.#statements.of(counter).get(scope.type, nearEnd + 1)?.n) <= nearEnd;
  }

  #boundSort({ sort }: SearchQuery, { text, values }: Sql): void {
    const limit = followLimit(sort);
    if (limit === undefined) return;
    const counter = `SELECT count(*) AS n FROM (SELECT 1 ${text} LIMIT ?)`;
    boundFollowed(Number(this.#statements.of(counter).get(...values, limit)?.n));
  }

  #total({ driver, conjuncts: parts, scope }: Part): number {
    const sources = driver ? [driven(driver, parts, scope)] : scans(parts, scope);
    return sources.reduce(
      (sum, { text, values }) =>
        sum + Number(this.#statements.of(`SELECT count(*) AS n ${text}`).get(...values)?.n),
      0,
    );
  }

  /** Where to look for the page: a selective criterion, the order itself, or else the least common criterion. */
  #sources(
    { query, scope, driver, conjuncts: parts }: Part,
    limit: number,
    place: Pick<Place, 'from' | 'backwards'>,
  ): readonly Sql[] {
    if (driver?.selective) return [driven(driver, parts, scope)];
    if (isOwnOrder(query.sort)) return scans(parts, scope);
    const test = tests(parts, scope);
    const walk = query.sort[0] && walkSql(query.sort[0], test, scope, place);
    const stops = walk && this.#statements.of(walk.stops.text).all(...walk.stops.values, limit);
    const stop = stops?.[limit - 1]?.stop;
    if (walk && (typeof stop === 'number' || typeof stop === 'string')) {
      return [from(walk.upTo(stop), test, { unique: false, at: scope.at })];
    }
    return driver ? [driven(driver, parts, scope)] : scans(parts, scope);
  }

  /** The conjunct with the fewest candidates, as far as a bounded look tells. */
  #driver(
    parts: readonly Filter[],
    scope: Scope,
    limits: readonly number[] = probes,
  ): Driver | undefined {
    const found = parts.flatMap((part, i) => {
      const sql = candidates(part, scope);
      return sql ? [{ ...sql, part: i, selective: true, atMost: 0 }] : [];
    });
    for (const limit of limits) {
      let best: Driver | undefined;
      let least: number = limit;
      for (const driver of found) {
        const count = this.#count(driver, least);
        if (count < least) [best, least] = [{ ...driver, atMost: limit }, count];
        if (least <= few) break;
      }
      if (best) return best;
    }
    return found[0] && { ...found[0], selective: false };
  }

  #count(sql: Sql, limit: number): number {
    const counter = `SELECT count(*) AS n FROM (SELECT 1 FROM (${sql.text}) LIMIT ?)`;
    return Number(this.#statements.of(counter).get(...sql.values, limit)?.n);
  }
}

function looksAt(source: string, driver: Driver | undefined): Explanation['looksAt'] {
  if (driver && source.includes(driver.text)) return 'criterion';
  return source.startsWith('FROM resource r WHERE') ? 'type' : 'order';
}
