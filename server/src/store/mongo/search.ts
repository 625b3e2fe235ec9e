import type { ClientSession, Collection, Document } from 'mongodb';
import { boundFilter } from '../bound-filter.ts';
import type { Filter, SearchQuery, SortKey } from '../../search/query.ts';
import { openPosition, sealPosition } from '../page-token.ts';
import type { Position } from '../page-token.ts';
import type { SearchPage } from '../resource-store.ts';
import { Links } from './chains.ts';
import { entryKeys, resourceKey, storedVersion } from './documents.ts';
import type { ResourceDocument } from './documents.ts';

/** Fields every resource has: their index gives the order, and none is missing. */
const ownFields: Readonly<Record<string, string>> = { _id: '_id', _lastUpdated: 'lastUpdated' };

/**
 * @param session a snapshot session, so that page and total are of one moment
 * @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds
 */
export async function search(
  resources: Collection<ResourceDocument>,
  session: ClientSession,
  query: SearchQuery,
  pageKey: Uint8Array,
): Promise<SearchPage> {
  boundFilter(query);
  const after = query.after === undefined ? undefined : openPosition(pageKey, query, query.after);
  const links = new Links(resources, session);
  const parts = [];
  const { others = [] } = query;
  // A branch that finds nothing costs like any other.
  for (const { type, filter } of [query, ...others.filter((other) => !isNothing(other.filter))]) {
    parts.push({
      $and: [{ type: { $eq: type }, deleted: false }, await links.match(filter, type)],
    });
  }
  const match = parts.length === 1 && parts[0] ? parts[0] : { $or: parts };
  const total =
    query.total === 'accurate' ? { total: await resources.countDocuments(match, { session }) } : {};
  if (query.count === 0) return { matches: [], ...total };
  const rows = await resources
    .aggregate<ResourceDocument & Record<string, unknown>>(pagePipeline(query, match, after), {
      session,
      allowDiskUse: true,
      batchSize: query.count + 1,
    })
    .toArray();
  const matches = rows.slice(0, query.count).map(storedVersion);
  const last = rows[query.count - 1];
  if (rows.length <= query.count || !last) return { matches, ...total };
  const keys = query.sort.map((key, i) => sortValueOf(last, key, i));
  return {
    matches,
    next: sealPosition(pageKey, query, { keys, id: last.id, type: last.type }),
    ...total,
  };
}

function isNothing(filter: Filter): boolean {
  return filter.op === 'or' && filter.any.length === 0;
}

function sortValueOf(
  row: ResourceDocument & Record<string, unknown>,
  key: SortKey,
  i: number,
): number | string | null {
  if (key.param === '_id') return row.id;
  if (key.param === '_lastUpdated') return row.lastUpdated;
  return (row[`k${i}`] ?? null) as number | string | null;
}

function pagePipeline(
  query: SearchQuery,
  match: Document,
  after: Position | undefined,
): Document[] {
  const keys = query.sort.map((key, i) => ({ key, i, own: ownFields[key.param] }));
  const computed = keys.filter(({ own }) => own === undefined);
  const values = Object.fromEntries(
    computed.map(({ key, i }) => [`k${i}`, sortValue(query.type, key)]),
  );
  const absences = Object.fromEntries(
    computed.map(({ i }) => [`n${i}`, { $eq: [`$k${i}`, null] }]),
  );
  const order = new Map<string, 1 | -1>();
  for (const { key, i, own } of keys) {
    if (own === undefined) order.set(`n${i}`, 1);
    // Of several types, `_id` begins with the type.
    const field = own === '_id' && query.others ? 'id' : (own ?? `k${i}`);
    if (!order.has(field)) order.set(field, key.descending ? -1 : 1);
  }
  if (!order.has('_id')) order.set('_id', 1);
  return [
    { $match: after ? { $and: [match, startOf(query, after)] } : match },
    ...(computed.length === 0 ? [] : [{ $set: values }, { $set: absences }]),
    ...(after && query.sort.length > 0 ? [{ $match: { $expr: beyond(query, after) } }] : []),
    { $sort: Object.fromEntries(order) },
    { $limit: query.count + 1 },
    { $project: { e: 0, r: 0 } },
  ];
}

/** Least or greatest entry of the parameter, null without one: see sortValue in search/compare.ts. */
function sortValue(type: string, key: SortKey): Document {
  const names = { $literal: entryKeys(type, key.param) };
  const of = (list: '$e' | '$r', value: '$$this.v' | '$$this.l') => ({
    $map: {
      input: { $filter: { input: list, cond: { $in: ['$$this.p', names] } } },
      in: value,
    },
  });
  const all = { $concatArrays: [of('$e', '$$this.v'), of('$r', '$$this.l')] };
  return key.descending ? { $max: all } : { $min: all };
}

/** A bound that follows from `beyond` and that an index can use. */
function startOf(query: SearchQuery, after: Position): Document {
  const [first] = query.sort;
  if (first === undefined) return { _id: { $gt: resourceKey(after.type, after.id) } };
  if (first.param !== '_lastUpdated') return {};
  return { lastUpdated: { [first.descending ? '$lte' : '$gte']: after.keys[0] } };
}

/** Rows strictly after a position. Expressions, because they compare across types as the sort does. */
function beyond(query: SearchQuery, after: Position): Document {
  const last: Document = { $gt: ['$_id', { $literal: resourceKey(after.type, after.id) }] };
  return query.sort.reduceRight<Document>((rest, key, i) => {
    const own = ownFields[key.param];
    const several = own === '_id' && query.others !== undefined;
    const field = several ? '$id' : `$${own ?? `k${i}`}`;
    const at = after.keys[i] ?? null;
    const whole = own === '_id' && !several;
    const value = { $literal: whole ? resourceKey(query.type, String(at)) : at };
    const same = { $and: [{ $eq: [field, value] }, rest] };
    if (at === null) return same;
    // null sorts below everything, which is where descending wants it.
    const later = key.descending
      ? [{ $lt: [field, value] }]
      : [{ $gt: [field, value] }, { $eq: [field, null] }];
    return { $or: [...later, same] };
  }, last);
}
