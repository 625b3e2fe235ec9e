import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Filter, SearchQuery } from '../../search/query.ts';
import { boundFilter, boundFollowed, followLimit } from '../bound-filter.ts';
import { mergeTypes, startIn } from '../merge-types.ts';
import { mergeRows, momentOf, openPlace, turnPage } from '../page.ts';
import type { Place, Position } from '../page.ts';
import type { SearchPage } from '../resource-store.ts';
import type { Scope } from './criterion-sql.ts';
import type { Dictionary } from './dictionary.ts';
import { candidates, condition } from './filter-sql.ts';
import type { Candidates } from './filter-sql.ts';
import { isOwnOrder, pageSql } from './page-sql.ts';
import type { Past } from './past.ts';
import type { VersionReader } from './read-versions.ts';
import { eras, join, shown } from './sql.ts';
import type { Moment, Sql } from './sql.ts';
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

/** The search of one type. */
interface Part {
  readonly query: SearchQuery;
  readonly scope: Scope;
  readonly conjuncts: readonly Filter[];
  readonly driver: Driver | undefined;
}

/** Evaluates search queries on one connection. */
export class Search {
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #reader: VersionReader;
  readonly #past: Past;
  readonly #pageKey: Uint8Array;
  readonly #statements = new Map<string, StatementSync>();

  constructor(
    db: DatabaseSync,
    by: {
      readonly dictionary: Dictionary;
      readonly reader: VersionReader;
      readonly past: Past;
      readonly pageKey: Uint8Array;
    },
  ) {
    this.#db = db;
    this.#dictionary = by.dictionary;
    this.#reader = by.reader;
    this.#past = by.past;
    this.#pageKey = by.pageKey;
  }

  /** @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds */
  run(query: SearchQuery): SearchPage {
    boundFilter(query);
    const place = openPlace(this.#pageKey, query);
    const newest = this.#past.newest();
    const at = momentOf(place, { newest, horizon: this.#past.horizon });
    const parts = this.#parts(query, at === newest ? undefined : at);
    const total =
      query.total === 'accurate'
        ? { total: parts.reduce((sum, part) => sum + this.#total(part), 0) }
        : {};
    if (query.count === 0) return { matches: [], links: {}, ...total };
    const read = mergeTypes(query, parts, place, (part, limit) =>
      this.#rows(part, limit, {
        backwards: place?.backwards === true,
        from: startIn(part.query.type, place?.from),
      }),
    );
    const { rows, links } = turnPage(this.#pageKey, query, { rows: read, place, at });
    const matches = rows.map(({ type, id, vid }) => this.#reader.found(type, id, vid));
    return { matches, links, ...total };
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
    const { query, scope } = part;
    const sources = this.#sources(part, limit, place);
    const found = sources.flatMap((source) => {
      this.#boundSort(query, source);
      const page = pageSql(query.sort, source, scope, place);
      return this.#statement(page.text).all(...page.values, limit);
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

  #boundSort({ sort }: SearchQuery, { text, values }: Sql): void {
    const limit = followLimit(sort);
    if (limit === undefined) return;
    const counter = `SELECT count(*) AS n FROM (SELECT 1 ${text} LIMIT ?)`;
    boundFollowed(Number(this.#statement(counter).get(...values, limit)?.n));
  }

  #total({ driver, conjuncts: parts, scope }: Part): number {
    const sources = driver ? [driven(driver, parts, scope)] : scans(parts, scope);
    return sources.reduce(
      (sum, { text, values }) =>
        sum + Number(this.#statement(`SELECT count(*) AS n ${text}`).get(...values)?.n),
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
    const stops = walk && this.#statement(walk.stops.text).all(...walk.stops.values, limit);
    const stop = stops?.[limit - 1]?.stop;
    if (walk && (typeof stop === 'number' || typeof stop === 'string')) {
      return [from(walk.upTo(stop), test, { unique: false, at: scope.at })];
    }
    return driver ? [driven(driver, parts, scope)] : scans(parts, scope);
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

/** All resources of the type, in order of id or time, from one source or several that share none. */
function scans(parts: readonly Filter[], scope: Scope): readonly Sql[] {
  const test = tests(parts, scope);
  return eras('r', scope.at).map((era) => ({
    text: `FROM resource r WHERE r.type = ? AND ${era.text} AND ${test.text}`,
    values: [scope.type, ...era.values, ...test.values],
  }));
}

function driven(driver: Driver, parts: readonly Filter[], scope: Scope): Sql {
  const rest = driver.exact ? parts.filter((_, i) => i !== driver.part) : parts;
  return from(driver, tests(rest, scope), { unique: driver.exact, at: scope.at });
}

function from(
  candidate: Sql,
  test: Sql,
  { unique, at }: { readonly unique: boolean; readonly at: Moment },
): Sql {
  const rids = unique ? candidate.text : `SELECT DISTINCT rid FROM (${candidate.text})`;
  const alive = shown('r', at);
  return {
    text: `FROM (${rids}) d CROSS JOIN resource r ON r.rid = d.rid WHERE ${alive.text} AND ${test.text}`,
    values: [...candidate.values, ...alive.values, ...test.values],
  };
}
