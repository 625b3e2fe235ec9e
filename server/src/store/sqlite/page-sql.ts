import type { SortKey, SortTarget, SortValue } from '../../search/query.ts';
import { placeOf } from '../page.ts';
import type { PagePlace, Position } from '../page.ts';
import type { Scope } from './criterion-sql.ts';
import { condition } from './filter-sql.ts';
import { byResource, entryTables } from './schema.ts';
import { always, join, never, shown } from './sql.ts';
import type { Sql } from './sql.ts';

/**
 * One page of `source` (FROM and WHERE over `resource r`): vid, id, place where contained resources are shown, and the sort
 * values k0, k1 …, in the order of reading. Takes the limit last.
 */
export function pageSql(
  sort: readonly SortKey[],
  source: Sql,
  scope: Scope,
  place: Pick<PagePlace, 'from' | 'backwards'>,
): Sql {
  const { from, backwards } = place;
  const keys = sort.map((key) => sortKey(key, scope));
  const columns = keys.map((key, i) => `, ${key.text} AS k${i}`).join('');
  const order = sort.map((key, i) => {
    const nulls = isOwn(key) ? '' : ` NULLS ${backwards ? 'FIRST' : 'LAST'}`;
    return `k${i}${key.descending === backwards ? '' : ' DESC'}${nulls}, `;
  });
  const inside = scope.shows !== undefined;
  const rest = from ? beyond(sort, from, { backwards, inside }) : always;
  const falling = backwards ? ' DESC' : '';
  const [column, then] = inside ? [', r1.place', `, place${falling}`] : ['', ''];
  return {
    text: `SELECT * FROM (SELECT r.vid, r.id${column}${columns} ${source.text}) WHERE ${rest.text}
      ORDER BY ${order.join('')}id${falling}${then} LIMIT ?`,
    values: [...keys.flatMap((key) => key.values), ...source.values, ...rest.values],
  };
}

/** Columns every resource has: their index gives the order. */
const ownColumns: Readonly<Record<string, 'id' | 'last_updated'>> = {
  _id: 'id',
  _lastUpdated: 'last_updated',
};

function isOwn({ param, through }: SortValue): boolean {
  return through === undefined && param in ownColumns;
}

/** Tells whether walking the type's resources meets them in this order. */
export function isOwnOrder(sort: readonly SortKey[]): boolean {
  const [first] = sort;
  return first === undefined || isOwn(first);
}

type Extreme = 'min' | 'max';

function sortKey(key: SortKey, scope: Scope): Sql {
  return sortValue(key, scope, key.descending ? 'max' : 'min');
}

function sortValue(value: SortValue, scope: Scope, pick: Extreme): Sql {
  const { row } = scope;
  if (value.through) return throughReferences(value, value.through, scope, pick);
  const own = ownColumns[value.param];
  if (own !== undefined) return { text: `${row}.${own}`, values: [] };
  const kinds = scope.dictionary.sortKinds(scope.type, value.param);
  const values = kinds.map(([kind]) => {
    const { table, sortColumn } = entryTables[kind];
    return `SELECT ${pick}(${sortColumn}) AS v FROM ${byResource(table)} WHERE rid = ${row}.rid AND param = ?`;
  });
  const params = kinds.map(([, param]) => param);
  if (values.length <= 1) return { text: `(${values[0] ?? 'NULL'})`, values: params };
  return { text: `(SELECT ${pick}(v) FROM (${values.join(' UNION ALL ')}))`, values: params };
}

/** The value of what the row refers to, as far as it may be looked at. */
function throughReferences(
  { param }: SortValue,
  targets: readonly SortTarget[],
  scope: Scope,
  pick: Extreme,
): Sql {
  const reference = scope.dictionary.param(scope.type, param, 'reference');
  if (reference === undefined || targets.length === 0) return { text: 'NULL', values: [] };
  const parts = targets.map(({ type, within, value }): Sql => {
    const other: Scope = { ...scope, type, row: `r${Number(scope.row.slice(1)) + 1}` };
    const found = sortValue(value, other, pick);
    const test = join([shown(other.row, scope.at), condition(within, other)], 'AND');
    return {
      text: `SELECT ${found.text} AS v FROM ${byResource('reference_entry', 'e')}
        CROSS JOIN resource ${other.row} INDEXED BY resource_by_id
        ON ${other.row}.type = ? AND ${other.row}.id = substr(e.target, ?)
        WHERE e.rid = ${scope.row}.rid AND e.param = ? AND e.target = ? || ${other.row}.id AND ${test.text}`,
      values: [...found.values, type, type.length + 2, reference, `${type}/`, ...test.values],
    };
  });
  return {
    text: `(SELECT ${pick}(v) FROM (${parts.map(({ text }) => text).join(' UNION ALL ')}))`,
    values: parts.flatMap(({ values }) => values),
  };
}

/** Rows strictly beyond a position, in the order of reading. */
function beyond(sort: readonly SortKey[], position: Position, reading: Reading): Sql {
  const { backwards } = reading;
  const last = beyondId(position, reading);
  const rest = sort.reduceRight<Sql>((inner, key, i) => {
    const value = position.keys[i] ?? null;
    const further = furtherOn(`k${i}`, value, key.descending === backwards, backwards);
    return {
      text: `(${further.text} OR (k${i} IS ? AND ${inner.text}))`,
      values: [...further.values, value, ...inner.values],
    };
  }, last);
  const [first] = sort;
  if (first === undefined || !isOwn(first)) return rest;
  // Follows from it, and lets the index begin there.
  return {
    text: `k0 ${first.descending === backwards ? '>=' : '<='} ? AND ${rest.text}`,
    values: [position.keys[0] ?? null, ...rest.values],
  };
}

interface Reading {
  readonly backwards: boolean;
  /** Contained resources are read. */
  readonly inside: boolean;
}

/** A resource itself stands before what it contains. */
function beyondId(position: Position, { backwards, inside }: Reading): Sql {
  const { id } = position;
  const side = backwards ? '<' : '>';
  const place = placeOf(position);
  if (inside) {
    return { text: `(id ${side} ? OR (id = ? AND place ${side} ?))`, values: [id, id, place] };
  }
  return { text: `id ${backwards && place >= 0 ? '<=' : side} ?`, values: [id] };
}

/** Puts rows without a value at the end of the order. */
function furtherOn(
  column: `k${number}`,
  value: number | string | null,
  rising: boolean,
  backwards: boolean,
): Sql {
  if (value === null) return backwards ? { text: `${column} IS NOT NULL`, values: [] } : never;
  const text = `${column} ${rising ? '>' : '<'} ?`;
  return { text: backwards ? text : `(${text} OR ${column} IS NULL)`, values: [value] };
}
