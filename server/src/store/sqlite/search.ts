import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Filter, SearchQuery } from '../../search/query.ts';
import { boundFilter } from '../bound-filter.ts';
import { mergeTypes, startIn } from '../merge-types.ts';
import { openPosition, sealPosition } from '../page-token.ts';
import type { Position } from '../page-token.ts';
import type { SearchPage } from '../resource-store.ts';
import type { Scope } from './criterion-sql.ts';
import type { Dictionary } from './dictionary.ts';
import { candidates, condition } from './filter-sql.ts';
import type { Candidates } from './filter-sql.ts';
import { isOwnOrder, pageSql } from './page-sql.ts';
import type { VersionReader } from './read-versions.ts';
import { join } from './sql.ts';
import type { Sql } from './sql.ts';
import { walkSql } from './walk-sql.ts';

const cachedStatements = 256;
/** A criterion with this few candidates is taken at once; with that many it does not count as selective. */
const few = 24;
const probes = [64, 1_024] as const;

interface Driver extends Candidates {
  /** Which conjunct it stands for. */
  readonly part: number;
  readonly selective: boolean;
}

interface FoundRow extends Position {
  readonly vid: SQLInputValue;
}

class OneType {
  readonly query: SearchQuery;
  readonly parts: readonly Filter[];
  driver: Driver | undefined;

  constructor(query: SearchQuery, parts: readonly Filter[]) {
    this.query = query;
    this.parts = parts;
  }
}

/** Evaluates search queries on one connection. */
export class Search {
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #reader: VersionReader;
  readonly #pageKey: Uint8Array;
  readonly #statements = new Map<string, StatementSync>();

  constructor(
    db: DatabaseSync,
    dictionary: Dictionary,
    reader: VersionReader,
    pageKey: Uint8Array,
  ) {
    this.#db = db;
    this.#dictionary = dictionary;
    this.#reader = reader;
    this.#pageKey = pageKey;
  }

  /** @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds */
  run(query: SearchQuery): SearchPage {
    boundFilter(query);
    const after =
      query.after === undefined ? undefined : openPosition(this.#pageKey, query, query.after);
    const of = query.others === undefined ? [query] : this.#present(query);
    const found = of.map((each) => new OneType(each, conjuncts(each.filter)));
    for (const each of found) each.driver = this.#driver(each.parts, this.#scope(each.query));
    const total = query.total === 'accurate' ? { total: this.#totalOf(found) } : {};
    if (query.count === 0) return { matches: [], ...total };
    const rows = mergeTypes(query, found, (each, left) =>
      this.#rows(each, left, after && startIn(each.query.type, after)),
    );
    const matches = rows
      .slice(0, query.count)
      .map(({ type, id, vid }) => this.#reader.found(type, id, vid));
    const last = rows[query.count - 1];
    if (rows.length <= query.count || !last) return { matches, ...total };
    return { matches, next: sealPosition(this.#pageKey, query, last), ...total };
  }

  /** One query for each type that has been written at all. */
  #present({ others, ...query }: SearchQuery): SearchQuery[] {
    return [{ type: query.type, filter: query.filter }, ...(others ?? [])]
      .filter(({ type }) => this.#dictionary.param(type, '', 'patient') !== undefined)
      .map((part) => ({ ...query, ...part }));
  }

  #totalOf(found: readonly OneType[]): number {
    return found.reduce(
      (sum, { query, parts, driver }) => sum + this.#total(parts, driver, this.#scope(query)),
      0,
    );
  }

  /** The first rows of one type from a position on. */
  #rows({ query, parts, driver }: OneType, limit: number, after: Position | undefined): FoundRow[] {
    const source = this.#pageSource({ ...query, count: limit - 1 }, parts, driver, after);
    const page = pageSql(query.sort, source, this.#scope(query), after);
    return this.#statement(page.text)
      .all(...page.values, limit)
      .map((row) => ({
        type: query.type,
        id: String(row.id),
        vid: row.vid as SQLInputValue,
        keys: query.sort.map((_, i) => row[`k${i}`] as number | string | null),
      }));
  }

  #scope({ type }: SearchQuery): Scope {
    return { type, dictionary: this.#dictionary, row: 'r' };
  }

  #total(parts: readonly Filter[], driver: Driver | undefined, scope: Scope): number {
    const { text, values } = driver ? driven(driver, parts, scope) : scan(parts, scope);
    return Number(this.#statement(`SELECT count(*) AS n ${text}`).get(...values)?.n);
  }

  /** Where to look for the page: a selective criterion, the order itself, or else the least common criterion. */
  #pageSource(
    query: SearchQuery,
    parts: readonly Filter[],
    driver: Driver | undefined,
    after: Position | undefined,
  ): Sql {
    const scope = this.#scope(query);
    if (driver?.selective) return driven(driver, parts, scope);
    if (isOwnOrder(query.sort)) return scan(parts, scope);
    const test = tests(parts, scope);
    const walk = query.sort[0] && walkSql(query.sort[0], test, scope, after);
    const stops =
      walk && this.#statement(walk.stops.text).all(...walk.stops.values, query.count + 1);
    const stop = stops?.[query.count]?.stop;
    if (walk && (typeof stop === 'number' || typeof stop === 'string')) {
      return { ...from(walk.upTo(stop), test, false) };
    }
    return driver ? driven(driver, parts, scope) : scan(parts, scope);
  }

  /** The conjunct with the fewest candidates, as far as a bounded look tells. */
  #driver(parts: readonly Filter[], scope: Scope): Driver | undefined {
    const found = parts.flatMap((part, i) => {
      const sql = candidates(part, scope);
      return sql ? [{ ...sql, part: i, selective: true }] : [];
    });
    for (const limit of probes) {
      let best: Driver | undefined;
      let least: number = limit;
      for (const driver of found) {
        const count = this.#count(driver, least);
        if (count < least) [best, least] = [driver, count];
        if (least <= few) break;
      }
      if (best) return best;
    }
    return found[0] && { ...found[0], selective: false };
  }

  #count(sql: Sql, limit: number): number {
    const counter = `SELECT count(*) AS n FROM (SELECT 1 FROM (${sql.text}) LIMIT ?)`;
    return Number(this.#statement(counter).get(...sql.values, limit)?.n);
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) {
      this.#statements.delete(text);
      this.#statements.set(text, known);
      return known;
    }
    const made = this.#db.prepare(text);
    this.#statements.set(text, made);
    const [oldest = text] = this.#statements.keys();
    if (this.#statements.size > cachedStatements) this.#statements.delete(oldest);
    return made;
  }
}

function conjuncts(filter: Filter): readonly Filter[] {
  return filter.op === 'and' ? filter.all.flatMap(conjuncts) : [filter];
}

function tests(parts: readonly Filter[], scope: Scope): Sql {
  return join(
    parts.map((part) => condition(part, scope)),
    'AND',
  );
}

/** All resources of the type, in order of id or time. */
function scan(parts: readonly Filter[], scope: Scope): Sql {
  const test = tests(parts, scope);
  return {
    text: `FROM resource r WHERE r.type = ? AND r.deleted = 0 AND ${test.text}`,
    values: [scope.type, ...test.values],
  };
}

function driven(driver: Driver, parts: readonly Filter[], scope: Scope): Sql {
  const rest = driver.exact ? parts.filter((_, i) => i !== driver.part) : parts;
  return from(driver, tests(rest, scope), driver.exact);
}

function from(candidate: Sql, test: Sql, unique: boolean): Sql {
  const rids = unique ? candidate.text : `SELECT DISTINCT rid FROM (${candidate.text})`;
  return {
    text: `FROM (${rids}) d CROSS JOIN resource r ON r.rid = d.rid WHERE r.deleted = 0 AND ${test.text}`,
    values: [...candidate.values, ...test.values],
  };
}
