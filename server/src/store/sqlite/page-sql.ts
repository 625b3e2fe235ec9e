import type { SortKey } from '../../search/query.ts';
import type { Position } from '../page-token.ts';
import type { Scope } from './criterion-sql.ts';
import { entryTables } from './schema.ts';
import { always, never } from './sql.ts';
import type { Sql } from './sql.ts';

/** One page of `source` (FROM and WHERE over `resource r`): vid, id and the sort values k0, k1 …, in order. Takes the limit last. */
export function pageSql(
  sort: readonly SortKey[],
  source: Sql,
  scope: Scope,
  after: Position | undefined,
): Sql {
  const keys = sort.map((key) => sortKey(key, scope));
  const columns = keys.map((key, i) => `, ${key.text} AS k${i}`).join('');
  const order = sort.map((key, i) => `k${i}${key.descending ? ' DESC' : ''}${nullsLast(key)}, `);
  const rest = after ? beyond(sort, after) : always;
  return {
    text: `SELECT * FROM (SELECT r.vid, r.id${columns} ${source.text}) WHERE ${rest.text}
      ORDER BY ${order.join('')}id LIMIT ?`,
    values: [...keys.flatMap((key) => key.values), ...source.values, ...rest.values],
  };
}

/** Columns every resource has: their index gives the order. */
const ownColumns: Readonly<Record<string, string>> = {
  _id: 'r.id',
  _lastUpdated: 'r.last_updated',
};

/** Whether walking the type's resources meets them in this order. */
export function isOwnOrder(sort: readonly SortKey[]): boolean {
  const [first] = sort;
  return first === undefined || first.param in ownColumns;
}

function nullsLast(key: SortKey): string {
  return key.param in ownColumns ? '' : ' NULLS LAST';
}

function sortKey(key: SortKey, scope: Scope): Sql {
  const own = ownColumns[key.param];
  if (own !== undefined) return { text: own, values: [] };
  const kinds = scope.dictionary.kinds(scope.type, key.param);
  const pick = key.descending ? 'max' : 'min';
  const values = kinds.map(([kind]) => {
    const { table, sortColumn } = entryTables[kind];
    return `SELECT ${pick}(${sortColumn}) AS v FROM ${table} NOT INDEXED WHERE rid = r.rid AND param = ?`;
  });
  const params = kinds.map(([, param]) => param);
  if (values.length <= 1) return { text: `(${values[0] ?? 'NULL'})`, values: params };
  return { text: `(SELECT ${pick}(v) FROM (${values.join(' UNION ALL ')}))`, values: params };
}

/** Rows strictly after a position, in the order of `pageSql`. */
function beyond(sort: readonly SortKey[], position: Position): Sql {
  return sort.reduceRight<Sql>(
    (rest, key, i) => {
      const value = position.keys[i] ?? null;
      const later =
        value === null
          ? never
          : { text: `(k${i} ${key.descending ? '<' : '>'} ? OR k${i} IS NULL)`, values: [value] };
      return {
        text: `(${later.text} OR (k${i} IS ? AND ${rest.text}))`,
        values: [...later.values, value, ...rest.values],
      };
    },
    { text: 'id > ?', values: [position.id] },
  );
}
