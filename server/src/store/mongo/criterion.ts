import type { Document } from 'mongodb';
import { belowPrefix, dateRange, numberRange, prefixEnd, urisAbove } from '../../search/compare.ts';
import type { Range } from '../../search/compare.ts';
import type { Filter, IndexEntry, PartFilter, Prefix } from '../../search/query.ts';
import { computed } from './computed.ts';
import type { ComputedCriterion } from './computed.ts';
import { entryKey, partField, wordKey } from './entries.ts';

export type Criterion = Extract<
  Filter,
  { readonly param: string; readonly op: IndexEntry['kind'] | 'codes' | 'near' }
>;

/** Entries of the index that satisfy a criterion. */
export function criterion(filter: Criterion, type: string): Document {
  switch (filter.op) {
    case 'codes':
      return { e: { $elemMatch: codes(filter, type) } };
    case 'composite':
      return { c: { $elemMatch: composite(filter, type) } };
    case 'near':
      return deciding(filter, type);
    case 'text':
      return phrase(filter, type);
    case 'string': {
      const { match } = filter;
      if (match === 'contains' || match === 'suffix') return deciding({ ...filter, match }, type);
      if (match === 'equal' || match === 'less' || match === 'greater') {
        const p = { $eq: entryKey(type, 'string', filter.param) };
        return { e: { $elemMatch: { p, v: { [ORDER[match]]: filter.value } } } };
      }
      const p = { $eq: entryKey(type, match === 'exact' ? 'exact' : 'string', filter.param) };
      return { e: { $elemMatch: { p, ...value({ ...filter, match }, ownFields) } } };
    }
    case 'date':
    case 'number':
    case 'quantity': {
      const p = { $eq: entryKey(type, filter.op, filter.param) };
      return { r: { $elemMatch: { p, ...value(filter, ownFields) } } };
    }
    default: {
      const p = { $eq: entryKey(type, filter.op, filter.param) };
      return { e: { $elemMatch: { p, ...value(filter, ownFields) } } };
    }
  }
}

function deciding(filter: ComputedCriterion, type: string): Document {
  const { limit, holds } = computed(filter, type);
  return { ...limit, $expr: holds('$') };
}

/** All its words, and where there are several the whole phrase. */
function phrase({ param, words }: Extract<Filter, { op: 'text' }>, type: string): Document {
  const all = words.split(' ').map((word) => wordKey(type, param, word));
  if (all.length === 1) return { t: { $all: all } };
  const texts = {
    $filter: {
      input: { $ifNull: ['$x', []] },
      as: 'text',
      cond: { $eq: ['$$text.p', { $literal: param }] },
    },
  };
  const found = { $gte: [{ $indexOfBytes: ['$$text.v', { $literal: ` ${words} ` }] }, 0] };
  return {
    t: { $all: all },
    $expr: { $anyElementTrue: [{ $map: { input: texts, as: 'text', in: found } }] },
  };
}

/** Each field comes once, so that an index gets all its bounds; alternatives inside of parts stand beside them. */
function composite(filter: Extract<Filter, { op: 'composite' }>, type: string): Document {
  const fields: Document = { p: { $eq: entryKey(type, 'composite', filter.param) } };
  const either: Document[] = [];
  filter.parts.forEach((part, i) => {
    const { $or, ...rest } = value(part, partFields(i + 1));
    Object.assign(fields, rest);
    if ($or !== undefined) either.push({ $or: $or as Document[] });
  });
  return either.length === 0 ? fields : { ...fields, $and: either };
}

function codes(filter: Extract<Filter, { op: 'codes' }>, type: string): Document {
  const p = { $eq: entryKey(type, 'token', filter.param) };
  const lists = filter.lists.map(({ system, codes }) => ({
    v: { $in: codes },
    ...(system !== undefined && { w: { $eq: system } }),
  }));
  const [first = { v: { $in: [] } }, ...more] = lists;
  return more.length === 0 ? { p, ...first } : { p, $or: lists };
}

/** Names of the fields that hold a value. */
interface Fields {
  /** Code, text, target, URI. */
  readonly text: string;
  /** The unfolded string. */
  readonly exact: string;
  readonly system: string;
  readonly low: string;
  readonly high: string;
  readonly unitSystem: string;
  readonly unit: string;
}

const ownFields: Fields = {
  text: 'v',
  exact: 'v',
  system: 'w',
  low: 'l',
  high: 'h',
  unitSystem: 's',
  unit: 'c',
};

function partFields(part: number): Fields {
  const [a, b, c, d] = [0, 1, 2, 3].map((column) => partField(part, column)) as [
    string,
    string,
    string,
    string,
  ];
  return { text: a, exact: b, system: b, low: a, high: b, unitSystem: c, unit: d };
}

const ORDER = { equal: '$eq', less: '$lt', greater: '$gt' } as const;

function coded(filter: Extract<Filter, { op: 'token' }>, fields: Fields): Document {
  return {
    ...(filter.code !== undefined && { [fields.text]: { $eq: filter.code } }),
    ...(filter.system !== undefined && { [fields.system]: { $eq: filter.system } }),
  };
}

/** Returns what a single value must be. A string that is looked for anywhere is none of these: see `containing`. */
function value(filter: PartFilter, fields: Fields): Document {
  switch (filter.op) {
    case 'token':
      return filter.unequal ? { $nor: [coded(filter, fields)] } : coded(filter, fields);
    case 'string':
      return filter.match === 'exact'
        ? { [fields.exact]: { $eq: filter.value } }
        : { [fields.text]: beginning(filter.value) };
    case 'reference':
      return { [fields.text]: { $eq: filter.target } };
    case 'uri':
      return uris(filter, fields.text);
    case 'date':
      return compare(filter.prefix, dateRange(filter.from, filter.to), fields);
    case 'number':
    case 'quantity':
      return {
        ...compare(filter.prefix, numberRange(filter.low, filter.high), fields),
        ...(filter.op === 'quantity' &&
          filter.system !== undefined && { [fields.unitSystem]: { $eq: filter.system } }),
        ...(filter.op === 'quantity' &&
          filter.code !== undefined && { [fields.unit]: { $eq: filter.code } }),
      };
  }
}

function uris(filter: Extract<Filter, { op: 'uri' }>, field: string): Document {
  if (filter.match === 'exact') return { [field]: { $eq: filter.value } };
  if (filter.match === 'above') return { [field]: { $in: urisAbove(filter.value) } };
  const below = beginning(belowPrefix(filter.value));
  return { $or: [{ [field]: { $eq: filter.value } }, { [field]: below }] };
}

function beginning(prefix: string): Document {
  const end = prefixEnd(prefix);
  return end === undefined ? { $gte: prefix } : { $gte: prefix, $lt: end };
}

/** The table of search/compare.ts; bounds that follow from it are added where they let an index limit what is read. */
function compare(prefix: Prefix, s: Range, { low, high }: Fields): Document {
  switch (prefix) {
    case 'eq':
      return { [low]: { $gte: s.low, $lt: s.high }, [high]: { $lte: s.high } };
    case 'ne':
      return { $or: [{ [low]: { $lt: s.low } }, { [high]: { $gt: s.high } }] };
    case 'gt':
      return { [high]: { $gt: s.high } };
    case 'lt':
      return { [low]: { $lt: s.low } };
    case 'ge':
      return {
        [high]: { $gt: s.low },
        $or: [{ [high]: { $gt: s.high } }, { [low]: { $gte: s.low } }],
      };
    case 'le':
      return {
        [low]: { $lt: s.high },
        $or: [{ [low]: { $lt: s.low } }, { [high]: { $lte: s.high } }],
      };
    case 'sa':
      return { [low]: { $gte: s.high } };
    case 'eb':
      return { [high]: { $lte: s.low } };
    case 'ap':
      return { [low]: { $lt: s.high }, [high]: { $gt: s.low } };
    case 'co':
      return { [low]: { $lte: s.low }, [high]: { $gte: s.high } };
  }
}
