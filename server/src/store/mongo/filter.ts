import type { Document } from 'mongodb';
import type { Chain, Filter, Link } from '../../search/query.ts';
import { concernedBy, concerning } from './concerned-patients.ts';
import { criterion } from './criterion.ts';
import { entryKey, entryKeys } from './entries.ts';
import type { NameField } from './sources.ts';

/** What a filter turns into depends on it. */
export interface Matching {
  /** The condition that a link to other resources stands for. */
  readonly link: (link: Link) => Document;
  /** The field that holds `Type/id`. */
  readonly name: NameField;
}

const unlinked: Matching = {
  link: () => {
    throw new RangeError('A link has not been resolved');
  },
  name: '_id',
};

/**
 * The filter in MongoDB's query language. Values of the query stand only where MongoDB takes data: as operands of $eq, $in and
 * comparisons, or under $literal; keys and operators are all written here.
 */
export function toMatch(filter: Filter, type: string, by: Matching = unlinked): Document {
  switch (filter.op) {
    case 'and':
      return filter.all.length === 0
        ? {}
        : { $and: filter.all.map((part) => toMatch(part, type, by)) };
    case 'or':
      return either(filter.any, (part) => toMatch(part, type, by));
    case 'not':
      return { $nor: [toMatch(filter.filter, type, by)] };
    case 'id':
      return { [by.name]: { $in: filter.ids.map((id) => `${type}/${id}`) } };
    case 'lastUpdated':
      return {
        lastUpdated: { $gte: filter.from ?? -Infinity, $lt: filter.to ?? Infinity },
      };
    case 'missing':
      return missing(filter, type);
    case 'patients':
      return patients(filter);
    case 'chain':
      return linked(filter, type, by);
    case 'referenced':
    case 'hierarchy':
      return by.link(filter);
    case 'inside':
      return { _id: { $in: [] } };
    default:
      return criterion(filter, type);
  }
}

function missing(filter: Extract<Filter, { readonly op: 'missing' }>, type: string): Document {
  const present = presence(filter.param, type);
  return filter.missing ? { $nor: [present] } : present;
}

function linked(chain: Chain, type: string, by: Matching): Document {
  const found = by.link(chain);
  return chain.contained ? { $or: [found, toMatch(chain.contained, type, by)] } : found;
}

function either(any: readonly Filter[], match: (filter: Filter) => Document): Document {
  return any.length === 0 ? { _id: { $in: [] } } : { $or: any.map(match) };
}

function presence(param: string, type: string): Document {
  const p = { $in: entryKeys(type, param) };
  const other = (kind: 'composite' | 'position'): Document => ({
    $elemMatch: { p: { $eq: entryKey(type, kind, param) } },
  });
  return {
    $or: [
      { e: { $elemMatch: { p } } },
      { r: { $elemMatch: { p } } },
      { c: other('composite') },
      { g: other('position') },
    ],
  };
}

function patients(filter: Extract<Filter, { op: 'patients' }>): Document {
  if (filter.mode === 'not-in') return { patients: { $nin: filter.patients } };
  const exact = { patients: { $not: { $elemMatch: { $nin: filter.patients } } } };
  const few = concernedBy(filter);
  return few ? { $and: [concerning(few), exact] } : exact;
}
