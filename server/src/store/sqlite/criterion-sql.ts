import type { CodeList, Contents, Filter } from '../../search/query.ts';
import type { Dictionary } from './dictionary.ts';
import { entryTables } from './schema.ts';
import type { EntryKind } from './schema.ts';
import { join, list, prepend, wrap } from './sql.ts';
import type { Moment, Sql } from './sql.ts';
import { ownColumns, partColumns, valueSql } from './value-sql.ts';

/** Search parameters of one resource type, as the dictionary knows them. */
export interface Scope {
  readonly type: string;
  readonly dictionary: Dictionary;
  /** Alias of the `resource` row that is judged. */
  readonly row: 'r' | `r${number}`;
  /** Is the commit as of which rows are looked for; undefined: now. */
  readonly at: Moment;
  /** Given: the row is one of `contained`, of this `param`. */
  readonly contained?: number | undefined;
  /** Given: there is a row for each resource of these that `row` contains. */
  readonly shows?: Contents | undefined;
}

export interface Entries {
  readonly table: string;
  readonly index: string;
  readonly where: Sql;
  /** The same for the entries of one resource, where it differs: a list is not to be sought item by item at each row. */
  readonly tested?: Sql;
  /** No two rows belong to one resource. */
  readonly unique: boolean;
  /** Its index may lead to rows that do not satisfy the criterion. */
  readonly sifted: boolean;
}

type Criterion = Extract<
  Filter,
  {
    readonly param: string;
    readonly op: Exclude<EntryKind, 'patient' | 'position'> | 'codes' | 'near';
  }
>;

/** The kind of entries that a criterion is about. */
function kindOf(op: Criterion['op']): Exclude<EntryKind, 'patient'> {
  if (op === 'codes') return 'token';
  return op === 'near' ? 'position' : op;
}

/** Index rows that satisfy a criterion; undefined when there can be none. */
export function entries(filter: Criterion, scope: Scope): Entries | undefined {
  const kind = kindOf(filter.op);
  const param = scope.dictionary.param(scope.type, filter.param, kind);
  const found = param !== undefined && rows(filter, scope.dictionary);
  if (!found) return undefined;
  const ofParam = (sql: Sql): Sql => wrap('param = ? AND ', prepend([param], sql), '');
  return {
    table: entryTables[kind].table,
    index: found.index,
    where: ofParam(found.where),
    ...(found.tested && { tested: ofParam(found.tested) }),
    unique: isUnique(filter),
    sifted: isSifted(filter),
  };
}

/** A criterion that fixes every column of an entry. */
function isUnique(filter: Criterion): boolean {
  if (filter.op === 'token') {
    return filter.code !== undefined && filter.system !== undefined && !filter.unequal;
  }
  return filter.op === 'reference' || (filter.op === 'uri' && filter.match === 'exact');
}

/** Is false for one range of an index, which needs no sifting. */
function isSifted(filter: Criterion): boolean {
  switch (filter.op) {
    case 'token':
      return filter.code === undefined || filter.unequal === true;
    case 'string':
      return filter.match === 'contains' || filter.match === 'suffix';
    case 'reference':
      return false;
    case 'uri':
      return filter.match !== 'exact';
    default:
      return true;
  }
}

type EntryRows = Pick<Entries, 'index' | 'where' | 'tested'>;

function rows(filter: Criterion, dictionary: Dictionary): EntryRows | undefined {
  switch (filter.op) {
    case 'codes':
      return {
        index: 'token_by_value',
        where: codes(filter.lists, dictionary, 'code'),
        tested: codes(filter.lists, dictionary, '+code'),
      };
    case 'near':
      return { index: 'position_by_x', where: near(filter) };
    case 'composite': {
      const parts = filter.parts.map(
        (part, i) => valueSql(part, dictionary, partColumns(i + 1))?.where,
      );
      if (parts.includes(undefined)) return undefined;
      const where = join(
        parts.filter((part) => part !== undefined),
        'AND',
      );
      return { index: 'composite_by_value', where };
    }
    default: {
      const found = valueSql(filter, dictionary, ownColumns);
      return found && { index: `${filter.op}_by_${found.by}`, where: found.where };
    }
  }
}

function codes(lists: readonly CodeList[], dictionary: Dictionary, column: 'code' | '+code'): Sql {
  const any = lists.flatMap((one): Sql[] => {
    const system = one.system === undefined ? undefined : dictionary.term(one.system);
    const code: Sql = {
      text: `${column} IN (SELECT value FROM json_each(?))`,
      values: [list(one.codes)],
    };
    if (one.system === undefined) return [code];
    if (system === undefined) return [];
    return [join([code, { text: 'system = ?', values: [system] }], 'AND')];
  });
  return join(any, 'OR');
}

/** The box around it limits what is read; the sum is that of search/sphere.ts, term by term. */
function near({ x, y, z, chord }: Extract<Filter, { op: 'near' }>): Sql {
  // The box may not lose what rounding takes from the sum.
  const side = chord + 1e-9;
  return {
    text: `x >= ? AND x <= ? AND y >= ? AND y <= ? AND z >= ? AND z <= ?
      AND (x - ?) * (x - ?) + (y - ?) * (y - ?) + (z - ?) * (z - ?) <= ?`,
    values: [
      ...[x, y, z].flatMap((at) => [at - side, at + side]),
      ...[x, x, y, y, z, z],
      chord * chord,
    ],
  };
}
