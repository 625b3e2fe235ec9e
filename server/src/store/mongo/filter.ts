import type { Document } from 'mongodb';
import { belowPrefix, dateRange, numberRange, prefixEnd, urisAbove } from '../../search/compare.ts';
import type { Range } from '../../search/compare.ts';
import type { Chain, Filter, IndexEntry, Prefix, Referenced } from '../../search/query.ts';
import { entryKey, entryKeys, noPatient } from './documents.ts';

/** Patients up to which an index is asked which resources can be theirs. */
const fewPatients = 50;

/** The condition that a link to other resources stands for. */
export type LinkMatch = (link: Chain | Referenced) => Document;

const unlinked: LinkMatch = () => {
  throw new RangeError('A link has not been resolved');
};

/**
 * The filter in MongoDB's query language. Values of the query stand only where MongoDB takes data: as operands of $eq, $in and
 * comparisons, or under $literal; keys and operators are all written here.
 */
export function toMatch(filter: Filter, type: string, link: LinkMatch = unlinked): Document {
  switch (filter.op) {
    case 'and':
      return filter.all.length === 0
        ? {}
        : { $and: filter.all.map((part) => toMatch(part, type, link)) };
    case 'or':
      return filter.any.length === 0
        ? { _id: { $in: [] } }
        : { $or: filter.any.map((part) => toMatch(part, type, link)) };
    case 'not':
      return { $nor: [toMatch(filter.filter, type, link)] };
    case 'id':
      return { _id: { $in: filter.ids.map((id) => `${type}/${id}`) } };
    case 'lastUpdated':
      return {
        lastUpdated: { $gte: filter.from ?? -Infinity, $lt: filter.to ?? Infinity },
      };
    case 'missing': {
      const p = { $in: entryKeys(type, filter.param) };
      const present = { $or: [{ e: { $elemMatch: { p } } }, { r: { $elemMatch: { p } } }] };
      return filter.missing ? { $nor: [present] } : present;
    }
    case 'patients':
      return patients(filter, type);
    case 'chain':
    case 'referenced':
      return link(filter);
    default:
      return criterion(filter, type);
  }
}

function patients(filter: Extract<Filter, { op: 'patients' }>, type: string): Document {
  if (filter.mode === 'not-in') return { patients: { $nin: filter.patients } };
  const exact = { patients: { $not: { $elemMatch: { $nin: filter.patients } } } };
  if (filter.patients.length > fewPatients) return exact;
  const p = { $eq: entryKey(type, 'patient', '') };
  return {
    $and: [{ e: { $elemMatch: { p, v: { $in: [noPatient, ...filter.patients] } } } }, exact],
  };
}

type Criterion = Extract<Filter, { readonly param: string; readonly op: IndexEntry['kind'] }>;

function criterion(filter: Criterion, type: string): Document {
  const p = { $eq: entryKey(type, filter.op, filter.param) };
  switch (filter.op) {
    case 'token':
      return {
        e: {
          $elemMatch: {
            p,
            ...(filter.code !== undefined && { v: { $eq: filter.code } }),
            ...(filter.system !== undefined && { w: { $eq: filter.system } }),
          },
        },
      };
    case 'string':
      return strings(filter, type);
    case 'reference':
      return { e: { $elemMatch: { p, v: { $eq: filter.target } } } };
    case 'uri':
      return { e: { $elemMatch: { p, ...uris(filter) } } };
    case 'date':
      return {
        r: { $elemMatch: { p, ...compare(filter.prefix, dateRange(filter.from, filter.to)) } },
      };
    case 'number':
    case 'quantity': {
      const unit = {
        ...(filter.op === 'quantity' &&
          filter.system !== undefined && { s: { $eq: filter.system } }),
        ...(filter.op === 'quantity' && filter.code !== undefined && { c: { $eq: filter.code } }),
      };
      const range = compare(filter.prefix, numberRange(filter.low, filter.high));
      return { r: { $elemMatch: { p, ...range, ...unit } } };
    }
  }
}

function strings(filter: Extract<Filter, { op: 'string' }>, type: string): Document {
  const key = entryKey(type, filter.match === 'exact' ? 'exact' : 'string', filter.param);
  const p = { $eq: key };
  if (filter.match === 'exact') return { e: { $elemMatch: { p, v: { $eq: filter.value } } } };
  if (filter.match === 'prefix') return { e: { $elemMatch: { p, v: beginning(filter.value) } } };
  const texts = {
    $filter: { input: '$e', as: 'entry', cond: { $eq: ['$$entry.p', { $literal: key }] } },
  };
  const found = { $gte: [{ $indexOfBytes: ['$$text.v', { $literal: filter.value }] }, 0] };
  return {
    e: { $elemMatch: { p } },
    $expr: { $anyElementTrue: [{ $map: { input: texts, as: 'text', in: found } }] },
  };
}

function uris(filter: Extract<Filter, { op: 'uri' }>): Document {
  if (filter.match === 'exact') return { v: { $eq: filter.value } };
  if (filter.match === 'above') return { v: { $in: urisAbove(filter.value) } };
  return { $or: [{ v: { $eq: filter.value } }, { v: beginning(belowPrefix(filter.value)) }] };
}

function beginning(prefix: string): Document {
  const end = prefixEnd(prefix);
  return end === undefined ? { $gte: prefix } : { $gte: prefix, $lt: end };
}

/** The table of search/compare.ts; bounds that follow from it are added where they let an index limit what is read. */
function compare(prefix: Prefix, s: Range): Document {
  switch (prefix) {
    case 'eq':
      return { l: { $gte: s.low, $lt: s.high }, h: { $lte: s.high } };
    case 'ne':
      return { $or: [{ l: { $lt: s.low } }, { h: { $gt: s.high } }] };
    case 'gt':
      return { h: { $gt: s.high } };
    case 'lt':
      return { l: { $lt: s.low } };
    case 'ge':
      return { h: { $gt: s.low }, $or: [{ h: { $gt: s.high } }, { l: { $gte: s.low } }] };
    case 'le':
      return { l: { $lt: s.high }, $or: [{ l: { $lt: s.low } }, { h: { $lte: s.high } }] };
    case 'sa':
      return { l: { $gte: s.high } };
    case 'eb':
      return { h: { $lte: s.low } };
    case 'ap':
      return { l: { $lt: s.high }, h: { $gt: s.low } };
  }
}
