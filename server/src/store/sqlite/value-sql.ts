import type { SQLInputValue } from 'node:sqlite';
import { belowPrefix, dateRange, numberRange, prefixEnd, urisAbove } from '../../search/compare.ts';
import type { Range } from '../../search/compare.ts';
import type { Filter, PartFilter, Prefix } from '../../search/query.ts';
import type { Dictionary } from './dictionary.ts';
import { always, join, list, wrap } from './sql.ts';
import type { Sql } from './sql.ts';

/** Names of the columns that hold a value, by what they hold. */
interface Columns {
  readonly code: string;
  readonly system: string;
  readonly folded: string;
  readonly value: string;
  readonly target: string;
  readonly uri: string;
  readonly low: string;
  readonly high: string;
  readonly unitSystem: string;
  readonly unit: string;
}

export const ownColumns: Columns = {
  code: 'code',
  system: 'system',
  folded: 'folded',
  value: 'value',
  target: 'target',
  uri: 'value',
  low: 'low',
  high: 'high',
  unitSystem: 'system',
  unit: 'code',
};

/** Returns the columns of part n of a composite entry, in the order in which VersionWriter fills them. */
export function partColumns(n: number): Columns {
  const [a, b, c, d] = [`a${n}`, `b${n}`, `c${n}`, `d${n}`];
  return {
    code: a,
    system: b,
    folded: a,
    value: b,
    target: a,
    uri: a,
    low: a,
    high: b,
    unitSystem: c,
    unit: d,
  };
}

type SingleFilter = Extract<Filter, { readonly op: PartFilter['op'] }>;

/**
 * Returns what a single value must be; `by`: the column that leads the index to look in. Undefined when there can be
 * none.
 */
export function valueSql(
  filter: SingleFilter,
  dictionary: Dictionary,
  columns: Columns,
): { readonly by: string; readonly where: Sql } | undefined {
  switch (filter.op) {
    case 'token': {
      const { code, system } = columns;
      const where = coded(filter, dictionary, { code, system, coded: (text) => text });
      if (filter.unequal) {
        return { by: 'value', where: where ? wrap('NOT (', where, ')') : always };
      }
      return where && { by: 'value', where };
    }
    case 'string':
      return strings(filter, columns);
    case 'date': {
      const range = compare(filter.prefix, dateRange(filter.from, filter.to), columns);
      return { by: range.side, where: range.where };
    }
    case 'reference':
      return { by: 'target', where: { text: `${columns.target} = ?`, values: [filter.target] } };
    case 'uri':
      return { by: 'value', where: uris(filter, columns.uri) };
    case 'number':
    case 'quantity': {
      const range = compare(filter.prefix, numberRange(filter.low, filter.high), columns);
      if (filter.op === 'number') return { by: range.side, where: range.where };
      const { unit: code, unitSystem: system } = columns;
      const unit = coded(filter, dictionary, {
        code,
        system,
        coded: (text) => dictionary.term(text),
      });
      return unit && { by: range.side, where: join([range.where, unit], 'AND') };
    }
  }
}

/** undefined when a system or code has never been indexed. */
function coded(
  filter: { readonly system?: string | null; readonly code?: string },
  dictionary: Dictionary,
  as: {
    readonly code: string;
    readonly system: string;
    readonly coded: (code: string) => SQLInputValue | undefined;
  },
): Sql | undefined {
  const parts: Sql[] = [];
  if (filter.code !== undefined) {
    const value = as.coded(filter.code);
    if (value === undefined) return undefined;
    parts.push({ text: `${as.code} = ?`, values: [value] });
  }
  if (filter.system !== undefined) {
    const value = dictionary.term(filter.system);
    if (value === undefined) return undefined;
    parts.push({ text: `${as.system} = ?`, values: [value] });
  }
  return join(parts, 'AND');
}

function strings(
  filter: Extract<Filter, { op: 'string' }>,
  { folded, value }: Columns,
): { readonly by: string; readonly where: Sql } {
  if (filter.match === 'exact') {
    return { by: 'value', where: { text: `${value} = ?`, values: [filter.value] } };
  }
  return { by: 'folded', where: foldedText(filter.match, filter.value, folded) };
}

function foldedText(
  match: Exclude<Extract<Filter, { op: 'string' }>['match'], 'exact'>,
  value: string,
  column: string,
): Sql {
  switch (match) {
    case 'prefix':
      return beginning(column, value);
    case 'contains':
      return { text: `instr(${column}, ?) > 0`, values: [value] };
    case 'suffix': {
      // As bytes: SQLite counts characters only up to a NUL.
      const end = Buffer.from(value, 'utf8');
      if (end.length === 0) return always;
      return { text: `substr(CAST(${column} AS BLOB), ?) = ?`, values: [-end.length, end] };
    }
    case 'equal':
      return { text: `${column} = ?`, values: [value] };
    case 'less':
      return { text: `${column} < ?`, values: [value] };
    case 'greater':
      return { text: `${column} > ?`, values: [value] };
  }
}

function uris(filter: Extract<Filter, { op: 'uri' }>, column: string): Sql {
  if (filter.match === 'above') {
    return {
      text: `${column} IN (SELECT value FROM json_each(?))`,
      values: [list(urisAbove(filter.value))],
    };
  }
  const same: Sql = { text: `${column} = ?`, values: [filter.value] };
  if (filter.match === 'exact') return same;
  return join([same, beginning(column, belowPrefix(filter.value))], 'OR');
}

function beginning(column: string, prefix: string): Sql {
  const end = prefixEnd(prefix);
  return end === undefined
    ? { text: `${column} >= ?`, values: [prefix] }
    : { text: `${column} >= ? AND ${column} < ?`, values: [prefix, end] };
}

/** The table of search/compare.ts, with a bound first on the side whose index then limits what is read. */
function compare(
  prefix: Prefix,
  s: Range,
  { low, high }: Columns,
): { side: 'low' | 'high'; where: Sql } {
  const on = (side: 'low' | 'high', text: string, ...values: number[]) => ({
    side,
    where: { text, values },
  });
  switch (prefix) {
    case 'eq':
      return on('low', `${low} >= ? AND ${low} < ? AND ${high} <= ?`, s.low, s.high, s.high);
    case 'ne':
      return on('low', `(${low} < ? OR ${high} > ?)`, s.low, s.high);
    case 'gt':
      return on('high', `${high} > ?`, s.high);
    case 'lt':
      return on('low', `${low} < ?`, s.low);
    case 'ge':
      return on('high', `${high} > ? AND (${high} > ? OR ${low} >= ?)`, s.low, s.high, s.low);
    case 'le':
      return on('low', `${low} < ? AND (${low} < ? OR ${high} <= ?)`, s.high, s.low, s.high);
    case 'sa':
      return on('low', `${low} >= ?`, s.high);
    case 'eb':
      return on('high', `${high} <= ?`, s.low);
    case 'ap':
      return on('low', `${low} < ? AND ${high} > ?`, s.high, s.low);
    case 'co':
      return on('low', `${low} <= ? AND ${high} >= ?`, s.low, s.high);
  }
}
