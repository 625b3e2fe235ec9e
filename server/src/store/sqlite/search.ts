import type { DatabaseSync } from 'node:sqlite';
import type { SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../explanation.ts';
import { boundFilter } from '../bound-filter.ts';
import { mergeTypes, startIn } from '../merge-types.ts';
import { mergeRows, momentOf, openPlace, turnPage } from '../page.ts';
import type { PagePlace } from '../page.ts';
import { PageExpired, SearchTooCostly } from '../errors.ts';
import type { SearchPage } from '../version-store.ts';
import type { Dictionary } from './dictionary.ts';
import { inWindows } from './in-windows.ts';
import type { Allowance } from './in-windows.ts';
import { looksAt } from './choose-driver.ts';
import type { Looking } from './choose-driver.ts';
import { pageSql } from './page-sql.ts';
import { foundVersions } from './found-rows.ts';
import type { FoundRow } from './found-rows.ts';
import { PartRows } from './part-rows.ts';
import type { Past } from './past.ts';
import { queryParts } from './query-parts.ts';
import type { FoundVersions } from './found-versions.ts';
import { windowOf } from './sources-sql.ts';
import type { Part } from './sources-sql.ts';
import type { Moment } from './sql.ts';
import { Statements } from './statements.ts';
import { Overspent, tooMuch } from './work-budget.ts';
import type { WorkBudget } from './work-budget.ts';

/**
 * Bounds what choosing a way and taking it may cost at one go: well less than a tenth of a second together; so for a
 * count.
 */
const CHOICE_WORK = 150_000;
const PAGE_WORK = 100_000;
const STEP_WORK = 100_000;
/** Bounds what a page or a count may cost in steps. */
const FAR_WORK = 3_750_000;

/** Evaluates search queries on one connection. */
export class Search {
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #reader: FoundVersions;
  readonly #past: Past;
  readonly #budget: WorkBudget;
  readonly #pageKey: Uint8Array;
  readonly #statements: Statements;
  readonly #looking: Looking;
  readonly #rows: PartRows;

  constructor(
    db: DatabaseSync,
    by: {
      readonly dictionary: Dictionary;
      readonly reader: FoundVersions;
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
    this.#rows = new PartRows(this.#looking, by.past);
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
    let parts = this.#bounded(CHOICE_WORK, () =>
      this.#parts(query, at === newest ? undefined : at),
    );
    const readAll = (rowsOf: (part: Part, limit: number) => FoundRow[]): FoundRow[] =>
      mergeTypes(query, parts, place, rowsOf);
    const placeIn = (part: Part) => ({ backwards, from: startIn(part.query.type, place?.from) });
    let read: FoundRow[];
    try {
      read = this.#budget.within(PAGE_WORK, () =>
        readAll((part, limit) => this.#rows.first(part, limit, placeIn(part))),
      ).result;
    } catch (error) {
      if (!(error instanceof Overspent)) throw error;
      yield undefined;
      parts = this.#bounded(CHOICE_WORK, () => this.#parts(query, at));
      const far = new Map<Part, FoundRow[]>();
      const left = { work: FAR_WORK };
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
      const found = this.#rows.read(part, [windowOf(part, start, end)], count + 1, place);
      best = mergeRows(sort, place.backwards, [...best, ...found]).slice(0, count + 1);
    });
    return best;
  }

  /** @throws SearchTooCostly, RangeError */
  explain(query: SearchQuery): Explanation[] {
    boundFilter(query);
    const place = { backwards: false, from: undefined };
    return this.#bounded(CHOICE_WORK, () =>
      this.#parts(query, undefined).map((part): Explanation => {
        const { driver, scope, query: one } = part;
        const sources = this.#rows.sources(part, one.count + 1, place);
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
      return this.#budget.within(STEP_WORK, () =>
        this.#parts(query, now).reduce((sum, part) => sum + this.#rows.total(part), 0),
      ).result;
    } catch (error) {
      if (!(error instanceof Overspent)) throw error;
    }
    const left = { work: FAR_WORK };
    let total = 0;
    try {
      yield undefined;
      const parts = this.#budget.within(CHOICE_WORK, () => this.#parts(query, at)).result;
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
}
