import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Filter, SearchQuery, SortKey } from '../../search/query.ts';
import { openPosition, sealPosition } from '../page-token.ts';
import type { Position } from '../page-token.ts';
import type { SearchPage, StoredVersion } from '../resource-store.ts';
import type { Dictionary } from './dictionary.ts';
import type { Scope } from './criterion-sql.ts';
import { assertBounded, candidates, condition } from './filter-sql.ts';
import { entryTables } from './schema.ts';
import { always } from './sql.ts';
import type { Sql } from './sql.ts';

const cachedStatements = 256;
/** Candidates counted before a criterion passes for selective, at first and at most. */
const probes = [64, 1_024] as const;

/** Evaluates search queries on one connection. */
export class Search {
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #pageKey: Uint8Array;
  readonly #read: (vid: SQLInputValue) => StoredVersion;
  readonly #statements = new Map<string, StatementSync>();

  constructor(
    db: DatabaseSync,
    dictionary: Dictionary,
    pageKey: Uint8Array,
    read: (vid: SQLInputValue) => StoredVersion,
  ) {
    this.#db = db;
    this.#dictionary = dictionary;
    this.#pageKey = pageKey;
    this.#read = read;
  }

  /** @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds */
  run(query: SearchQuery): SearchPage {
    assertBounded(query.filter);
    if (!Number.isSafeInteger(query.count) || query.count < 0) {
      throw new RangeError('The page size must be a whole number');
    }
    const after =
      query.after === undefined ? undefined : openPosition(this.#pageKey, query, query.after);
    const scope = { type: query.type, dictionary: this.#dictionary };
    const source = this.#source(query, scope);
    const total =
      query.total === 'accurate'
        ? {
            total: Number(
              this.#statement(`SELECT count(*) AS n ${source.text}`).get(...source.values)?.n,
            ),
          }
        : {};
    if (query.count === 0) return { matches: [], ...total };
    const page = pageSql(query.sort, source, scope, after);
    const rows = this.#statement(page.text).all(...page.values, query.count + 1);
    const matches = rows.slice(0, query.count).map((row) => this.#read(row.vid as SQLInputValue));
    const last = rows[query.count - 1];
    if (rows.length <= query.count || !last) return { matches, ...total };
    const keys = query.sort.map((_, i) => last[`k${i}`] as number | string | null);
    const next = sealPosition(this.#pageKey, query, { keys, id: String(last.id) });
    return { matches, next, ...total };
  }

  /** FROM and WHERE: candidates of the most selective criterion, or all resources of the type in order of id. */
  #source(query: SearchQuery, scope: Scope): Sql {
    const test = condition(query.filter, scope);
    const driver = this.#driver(query, scope);
    if (!driver) {
      return {
        text: `FROM resource r WHERE r.type = ? AND r.deleted = 0 AND ${test.text}`,
        values: [query.type, ...test.values],
      };
    }
    return {
      text: `FROM (SELECT DISTINCT rid FROM (${driver.text})) d CROSS JOIN resource r ON r.rid = d.rid
        WHERE r.deleted = 0 AND ${test.text}`,
      values: [...driver.values, ...test.values],
    };
  }

  #driver(query: SearchQuery, scope: Scope): Sql | undefined {
    const found = conjuncts(query.filter)
      .map((part) => candidates(part, scope))
      .filter((part) => part !== undefined);
    if (found.length === 1 && query.sort.length > 0) return found[0];
    for (const limit of probes) {
      let best: { sql: Sql; count: number } | undefined;
      for (const sql of found) {
        const count = this.#count(sql, best?.count ?? limit);
        if (count < (best?.count ?? limit)) best = { sql, count };
      }
      if (best) return best.sql;
    }
    // Every criterion is common. Without a sort, walking the ids fills a page sooner than collecting all candidates.
    return query.sort.length === 0 && query.total === 'none' ? undefined : found[0];
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
    const [oldest] = this.#statements.keys();
    if (this.#statements.size > cachedStatements && oldest !== undefined)
      this.#statements.delete(oldest);
    return made;
  }
}

function conjuncts(filter: Filter): readonly Filter[] {
  return filter.op === 'and' ? filter.all.flatMap(conjuncts) : [filter];
}

function pageSql(
  sort: readonly SortKey[],
  source: Sql,
  scope: Scope,
  after: Position | undefined,
): Sql {
  const keys = sort.map((key) => sortKey(key, scope));
  const columns = keys.map((key, i) => `, ${key.text} AS k${i}`).join('');
  const order = sort.map(
    ({ descending }, i) => `k${i} IS NULL, k${i}${descending ? ' DESC' : ''}, `,
  );
  const rest = after ? beyond(sort, after) : always;
  return {
    text: `SELECT * FROM (SELECT r.vid, r.id${columns} ${source.text}) WHERE ${rest.text}
      ORDER BY ${order.join('')}id LIMIT ?`,
    values: [...keys.flatMap((key) => key.values), ...source.values, ...rest.values],
  };
}

function sortKey(key: SortKey, scope: Scope): Sql {
  if (key.param === '_id') return { text: 'r.id', values: [] };
  if (key.param === '_lastUpdated') return { text: 'r.last_updated', values: [] };
  const kinds = scope.dictionary.kinds(scope.type, key.param);
  const values = kinds.map(([kind]) => {
    const { table, sortColumn } = entryTables[kind];
    return `SELECT ${sortColumn} AS v FROM ${table} NOT INDEXED WHERE rid = r.rid AND param = ?`;
  });
  if (values.length === 0) return { text: 'NULL', values: [] };
  const pick = key.descending ? 'max' : 'min';
  return {
    text: `(SELECT ${pick}(v) FROM (${values.join(' UNION ALL ')}))`,
    values: kinds.map(([, param]) => param),
  };
}

/** Rows strictly after a position, in the order of `pageSql`. */
function beyond(sort: readonly SortKey[], position: Position): Sql {
  let rest: Sql = { text: 'id > ?', values: [position.id] };
  for (let i = sort.length - 1; i >= 0; i -= 1) {
    const value = position.keys[i] ?? null;
    const later =
      value === null ? '0' : `(k${i} ${sort[i]?.descending ? '<' : '>'} ? OR k${i} IS NULL)`;
    rest = {
      text: `(${later} OR (k${i} IS ? AND ${rest.text}))`,
      values: [...(value === null ? [] : [value]), value, ...rest.values],
    };
  }
  return rest;
}
