import type { Document } from 'mongodb';
import type { Contents, Filter, Link } from '../../search/query.ts';
import { anyOf } from './alternatives.ts';
import { concernedBy, concerning } from './concerned-patients.ts';
import { isComputed } from './computed.ts';
import { criterion } from './criterion.ts';
import type { Criterion } from './criterion.ts';
import { resourceKey } from './documents.ts';
import { entryKey, entryKeys } from './entries.ts';
import type { InsideMarks } from './inside-marks.ts';
import { reaching } from './reaching.ts';
import type { NameField } from './sources.ts';

/** Decides what a filter turns into. */
export interface Matching {
  /** The condition that a link to other resources stands for. */
  readonly link: (link: Link) => Document;
  /** The field that holds `Type/id`; `d` of a contained resource. */
  readonly name: NameField | 'd';
  /** Is what stands for a criterion on a contained resource that only an expression decides. */
  readonly mark?: InsideMarks['mark'];
}

const nothing: Document = { _id: { $in: [] } };

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
      return lastUpdated(filter);
    case 'missing':
      return missing(filter, type);
    case 'patients':
      return patients(filter);
    case 'chain':
    case 'referenced':
    case 'hierarchy':
      return linked(filter, type, by);
    case 'inside':
      return holding(filter, by);
    default:
      return byEntries(filter, type, by);
  }
}

/** Resources that contain such a resource. */
export function holding(asked: Contents, by: Matching): Document {
  const one = contents(asked, by);
  return { $and: [...reaching(one), { i: { $elemMatch: one } }] };
}

/** Returns what one of the documents in `i` must be. */
export function contents({ type, filter }: Contents, by: Matching): Document {
  const kind = { d: { $gte: resourceKey(type, ''), $lt: `${type}0` } };
  return { $and: [kind, toMatch(filter, type, { ...by, name: 'd' })] };
}

function missing(filter: Extract<Filter, { readonly op: 'missing' }>, type: string): Document {
  const present = presence(filter.param, type);
  return filter.missing ? { $nor: [present] } : present;
}

function byEntries(filter: Criterion, type: string, { name, mark }: Matching): Document {
  return name === 'd' && mark && isComputed(filter) ? mark(filter, type) : criterion(filter, type);
}

function lastUpdated({ from, to }: Extract<Filter, { readonly op: 'lastUpdated' }>): Document {
  return { lastUpdated: { $gte: from ?? -Infinity, $lt: to ?? Infinity } };
}

function linked(link: Link, type: string, by: Matching): Document {
  // Nothing refers to a contained resource from elsewhere.
  if (link.op === 'referenced' && by.name === 'd') return nothing;
  const found = by.link(link);
  if (link.op !== 'chain' || link.contained === undefined) return found;
  return { $or: [found, toMatch(link.contained, type, by)] };
}

function either(any: readonly Filter[], match: (filter: Filter) => Document): Document {
  return any.length === 0 ? nothing : anyOf(any.map(match));
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
