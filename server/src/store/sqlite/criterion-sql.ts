import type { SQLInputValue } from 'node:sqlite';
import { belowPrefix, dateRange, numberRange, prefixEnd, urisAbove } from '../../search/compare.ts';
import type { Range } from '../../search/compare.ts';
import type { Filter, Prefix } from '../../search/query.ts';
import type { Dictionary } from './dictionary.ts';
import { entryTables } from './schema.ts';
import type { EntryKind } from './schema.ts';
import { join, list, prepend, wrap } from './sql.ts';
import type { Sql } from './sql.ts';

/** Search parameters of one resource type, as the dictionary knows them. */
export interface Scope {
  readonly type: string;
  readonly dictionary: Dictionary;
  /** Alias of the `resource` row that is judged. */
  readonly row: 'r' | `r${number}`;
}

export interface Entries {
  readonly table: string;
  readonly index: string;
  readonly where: Sql;
  /** No two rows belong to one resource. */
  readonly unique: boolean;
}

type Criterion = Extract<
  Filter,
  { readonly param: string; readonly op: Exclude<EntryKind, 'patient'> }
>;

/** Index rows that satisfy a criterion; undefined when there can be none. */
export function entries(filter: Criterion, scope: Scope): Entries | undefined {
  const param = scope.dictionary.param(scope.type, filter.param, filter.op);
  const found = param !== undefined && rows(filter, scope.dictionary);
  if (!found) return undefined;
  const where = wrap('param = ? AND ', prepend([param], found.where), '');
  return {
    table: entryTables[filter.op].table,
    index: found.index,
    where,
    unique: isUnique(filter),
  };
}

/** A criterion that fixes every column of an entry. */
function isUnique(filter: Criterion): boolean {
  if (filter.op === 'token') return filter.code !== undefined && filter.system !== undefined;
  return filter.op === 'reference' || (filter.op === 'uri' && filter.match === 'exact');
}

type Found = Pick<Entries, 'index' | 'where'>;

function rows(filter: Criterion, dictionary: Dictionary): Found | undefined {
  switch (filter.op) {
    case 'token': {
      const where = coded(filter, dictionary, (code) => code);
      return where && { index: 'token_by_value', where };
    }
    case 'string':
      return strings(filter);
    case 'date': {
      const range = compare(filter.prefix, dateRange(filter.from, filter.to));
      return { index: `date_by_${range.side}`, where: range.where };
    }
    case 'reference':
      return {
        index: 'reference_by_target',
        where: { text: 'target = ?', values: [filter.target] },
      };
    case 'uri':
      return { index: 'uri_by_value', where: uris(filter) };
    case 'number':
    case 'quantity': {
      const range = compare(filter.prefix, numberRange(filter.low, filter.high));
      const unit = coded(filter, dictionary, (code) => dictionary.term(code));
      if (filter.op === 'number') return { index: `number_by_${range.side}`, where: range.where };
      return (
        unit && { index: `quantity_by_${range.side}`, where: join([range.where, unit], 'AND') }
      );
    }
  }
}

/** undefined when a system or code has never been indexed. */
function coded(
  filter: { readonly system?: string | null; readonly code?: string },
  dictionary: Dictionary,
  code: (code: string) => SQLInputValue | undefined,
): Sql | undefined {
  const parts: Sql[] = [];
  if (filter.code !== undefined) {
    const value = code(filter.code);
    if (value === undefined) return undefined;
    parts.push({ text: 'code = ?', values: [value] });
  }
  if (filter.system !== undefined) {
    const value = dictionary.term(filter.system);
    if (value === undefined) return undefined;
    parts.push({ text: 'system = ?', values: [value] });
  }
  return join(parts, 'AND');
}

function strings(filter: Extract<Filter, { op: 'string' }>): Found {
  if (filter.match === 'exact') {
    return { index: 'string_by_value', where: { text: 'value = ?', values: [filter.value] } };
  }
  const where: Sql =
    filter.match === 'prefix'
      ? beginning('folded', filter.value)
      : { text: 'instr(folded, ?) > 0', values: [filter.value] };
  return { index: 'string_by_folded', where };
}

function uris(filter: Extract<Filter, { op: 'uri' }>): Sql {
  if (filter.match === 'above') {
    return {
      text: 'value IN (SELECT value FROM json_each(?))',
      values: [list(urisAbove(filter.value))],
    };
  }
  const same: Sql = { text: 'value = ?', values: [filter.value] };
  if (filter.match === 'exact') return same;
  return join([same, beginning('value', belowPrefix(filter.value))], 'OR');
}

function beginning(column: 'folded' | 'value', prefix: string): Sql {
  const end = prefixEnd(prefix);
  return end === undefined
    ? { text: `${column} >= ?`, values: [prefix] }
    : { text: `${column} >= ? AND ${column} < ?`, values: [prefix, end] };
}

/** The table of search/compare.ts, with a bound first on the side whose index then limits what is read. */
function compare(prefix: Prefix, s: Range): { side: 'low' | 'high'; where: Sql } {
  const on = (side: 'low' | 'high', text: string, ...values: number[]) => ({
    side,
    where: { text, values },
  });
  switch (prefix) {
    case 'eq':
      return on('low', 'low >= ? AND low < ? AND high <= ?', s.low, s.high, s.high);
    case 'ne':
      return on('low', '(low < ? OR high > ?)', s.low, s.high);
    case 'gt':
      return on('high', 'high > ?', s.high);
    case 'lt':
      return on('low', 'low < ?', s.low);
    case 'ge':
      return on('high', 'high > ? AND (high > ? OR low >= ?)', s.low, s.high, s.low);
    case 'le':
      return on('low', 'low < ? AND (low < ? OR high <= ?)', s.high, s.low, s.high);
    case 'sa':
      return on('low', 'low >= ?', s.high);
    case 'eb':
      return on('high', 'high <= ?', s.low);
    case 'ap':
      return on('low', 'low < ? AND high > ?', s.high, s.low);
  }
}
