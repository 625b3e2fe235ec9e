import type { SQLInputValue } from 'node:sqlite';
import type { SearchQuery } from '../../search/query.ts';
import { boundFollowed, followLimit } from '../bound-filter.ts';
import { mergeRows } from '../page.ts';
import type { PagePlace } from '../page.ts';
import { chooseDriver } from './choose-driver.ts';
import type { Looking } from './choose-driver.ts';
import type { FoundRow } from './found-rows.ts';
import { isOwnOrder, pageSql } from './page-sql.ts';
import type { Past } from './past.ts';
import { Shortcuts } from './shortcuts.ts';
import { driven, from, scans, tests } from './sources-sql.ts';
import type { Part } from './sources-sql.ts';
import type { Sql } from './sql.ts';
import { walkSql } from './walk-sql.ts';

/** Candidates that are taken when the order of the search does not lead to matches soon. */
const MOST = 16_384;
/** Bounds what reading in the order of the search may cost before another way is taken. */
const ORDERED_WORK = 30_000;

/** Says where reading begins, and which way it goes. */
type Start = Pick<PagePlace, 'from' | 'backwards'>;

/** Reads and counts what one type of a search finds. */
export class PartRows {
  readonly #looking: Looking;
  readonly #shortcuts: Shortcuts;

  constructor(looking: Looking, past: Past) {
    this.#looking = looking;
    this.#shortcuts = new Shortcuts(looking, past);
  }

  /** The first rows of one type from a place on, in the order of reading. */
  first(part: Part, limit: number, place: Start): FoundRow[] {
    const { driver, conjuncts: parts, scope } = part;
    const inOrder = () => this.read(part, this.sources(part, limit, place), limit, place);
    if (driver?.selective) return inOrder();
    const near = this.#shortcuts.find(part, { rows: limit, orderedWork: ORDERED_WORK });
    if (near) return this.read(part, [driven(near, parts, scope)], limit, place);
    // Any order meets soon what is common; several common criteria need not be common together.
    const soon = this.#looking.budget.attempt(ORDERED_WORK, inOrder);
    if (soon) return soon;
    const least = chooseDriver(parts, scope, this.#looking, [MOST]);
    if (!least?.selective) return inOrder();
    return this.read(part, [driven(least, parts, scope)], limit, place);
  }

  /** The rows of these sources, in the order of reading. */
  read({ query, scope }: Part, sources: readonly Sql[], limit: number, place: Start): FoundRow[] {
    const found = sources.flatMap((source) => {
      this.#boundSort(query, source);
      const page = pageSql(query.sort, source, scope, place);
      return this.#looking.statements.of(page.text).all(...page.values, limit);
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
    boundFollowed(Number(this.#looking.statements.of(counter).get(...values, limit)?.n), limit);
  }

  total({ driver, conjuncts: parts, scope }: Part): number {
    const sources = driver ? [driven(driver, parts, scope)] : scans(parts, scope);
    return sources.reduce(
      (sum, { text, values }) =>
        sum + Number(this.#looking.statements.of(`SELECT count(*) AS n ${text}`).get(...values)?.n),
      0,
    );
  }

  /** Says where to look for the page: a selective criterion, the order itself, or else the least common criterion. */
  sources(
    { query, scope, driver, conjuncts: parts }: Part,
    limit: number,
    place: Start,
  ): readonly Sql[] {
    if (driver?.selective) return [driven(driver, parts, scope)];
    const [key] = query.sort;
    if (isOwnOrder(query.sort) || scope.shows) {
      return scans(parts, scope, key === undefined || key.param === '_id' ? 'id' : 'time');
    }
    const walk = key && walkSql(key, tests(parts, scope, 'e.rid'), scope, place);
    const stops =
      walk && this.#looking.statements.of(walk.stops.text).all(...walk.stops.values, limit);
    const stop = stops?.[limit - 1]?.stop;
    if (walk && (typeof stop === 'number' || typeof stop === 'string')) {
      const test = tests(parts, scope, 'd.rid');
      return [from(walk.upTo(stop), test, { unique: false, at: scope.at })];
    }
    return driver ? [driven(driver, parts, scope)] : scans(parts, scope);
  }
}
