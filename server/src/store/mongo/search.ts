import type { ClientSession, Document } from 'mongodb';
import type { Filter, SearchQuery, SortKey } from '../../search/query.ts';
import { boundFilter, boundFollowed, followLimit } from '../bound-filter.ts';
import { mergeRows, momentOf, openPlace, turnPage } from '../page.ts';
import type { Place, Position } from '../page.ts';
import { StoreUnavailable } from '../resource-store.ts';
import type { SearchPage } from '../resource-store.ts';
import { Links } from './chains.ts';
import { byEnd } from './collections.ts';
import { byPatient, concernedBy, concerning } from './concerned-patients.ts';
import type { Connection } from './connect.ts';
import { resourceKey, storedVersion, withoutIndex } from './documents.ts';
import type { ResourceDocument } from './documents.ts';
import { keyStages, ownField } from './sort-stages.ts';
import { maxTimeMS } from './guard.ts';
import { sourcesOf } from './sources.ts';
import type { Source } from './sources.ts';

type Row = Position & { readonly document: ResourceDocument };

/**
 * @param session a snapshot session, so that page, total and what is known of the past are of one moment
 * @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds
 */
export async function search(
  { collections, pageKey }: Pick<Connection, 'collections' | 'pageKey'>,
  session: ClientSession,
  query: SearchQuery,
): Promise<SearchPage> {
  boundFilter(query);
  const place = openPlace(pageKey, query);
  const counters = await collections.meta.findOne(
    { _id: 'store' },
    { session, projection: { seq: 1, horizon: 1 } },
  );
  if (!counters) throw new StoreUnavailable('The store has lost its counters');
  const { seq: newest, horizon } = counters;
  const at = momentOf(place, { newest, horizon });
  const sources = sourcesOf(collections, at === newest ? undefined : at);
  const links = new Links(sources, session);
  let total = 0;
  const found: Row[] = [];
  for (const source of sources) {
    const { match, ...by } = await lookup(query, links, source);
    if (query.total === 'accurate') {
      total += await source.collection.countDocuments(match, { session, maxTimeMS, ...by });
    }
    if (query.count === 0) continue;
    const limit = followLimit(query.sort);
    if (limit !== undefined) {
      const options = { session, limit, maxTimeMS, ...by };
      boundFollowed(await source.collection.countDocuments(match, options));
    }
    const pipeline = pagePipeline(query, match, { source, sources, place });
    const rows = await source.collection
      .aggregate<ResourceDocument>(pipeline, {
        session,
        maxTimeMS,
        allowDiskUse: true,
        batchSize: query.count + 1,
        ...by,
      })
      .toArray();
    found.push(...rows.map((document) => rowOf(document, query.sort)));
  }
  const read = sources.length === 1 ? found : mergeRows(query.sort, isBackwards(place), found);
  const rest = query.total === 'accurate' ? { total } : {};
  const { rows, links: pages } = turnPage(pageKey, query, {
    rows: read,
    place,
    at,
    endIsNear: () => true,
  });
  return { matches: rows.map(({ document }) => storedVersion(document)), links: pages, ...rest };
}

/** What is asked of one source, and where MongoDB has to look for it: left to itself it tries all indexes that could do. */
export async function lookup(
  query: SearchQuery,
  links: Links,
  source: Source,
): Promise<{ readonly match: Document; readonly hint?: Readonly<Record<string, 1>> }> {
  // A branch that finds nothing costs like any other.
  const others = (query.others ?? []).filter((other) => !isNothing(other.filter));
  const match = await links.match(query.filter, query.type, source);
  if (others.length > 0) {
    const more = [];
    for (const { type, filter } of others) more.push(await links.match(filter, type, source));
    return { match: { $or: [match, ...more] } };
  }
  if (namesResources(query.filter)) return { match };
  if (source.name === 'resource') return { match, hint: byEnd };
  const patients = concernedBy(query.filter);
  return patients === undefined
    ? { match }
    : { match: { $and: [concerning(patients), match] }, hint: byPatient };
}

/** Nothing leads there faster than the names themselves. */
function namesResources(filter: Filter): boolean {
  if (filter.op === 'and') return filter.all.some(namesResources);
  return filter.op === 'id' || (filter.op === 'token' && filter.param === 'identifier');
}

function isNothing(filter: Filter): boolean {
  return filter.op === 'or' && filter.any.length === 0;
}

function isBackwards(place: Place | undefined): boolean {
  return place?.backwards === true;
}

function rowOf(document: ResourceDocument, sort: readonly SortKey[]): Row {
  const fields = document as ResourceDocument & Record<string, unknown>;
  const keys = sort.map((key, i) => fields[ownField(key) ?? `k${i}`] ?? null);
  return { keys: keys as Row['keys'], type: document.type, id: document.id, document };
}

/** Keys, and the field each is in. */
interface OrderedKey {
  readonly key: SortKey;
  readonly field: string;
  readonly own: boolean;
}

/** The stages that find a page. */
export function pagePipeline(
  query: SearchQuery,
  match: Document,
  by: {
    readonly source: Source;
    readonly sources: readonly Source[];
    readonly place: Place | undefined;
  },
): Document[] {
  const { source, sources, place } = by;
  const keys = query.sort.map((key, i): OrderedKey => {
    const own = ownField(key);
    // Of one type, the order of names is that of ids, and there is an index for it.
    const field = own === 'id' && !query.others ? source.name : (own ?? `k${i}`);
    return { key, field, own: own !== undefined };
  });
  const types = [query, ...(query.others ?? [])].map(({ type }) => type);
  const computed = keys.flatMap(({ key, own }, i) =>
    own ? [] : keyStages(key, i, { types, sources }),
  );
  const absences = Object.fromEntries(
    keys.flatMap(({ field, own }, i) => (own ? [] : [[`n${i}`, { $eq: [`$${field}`, null] }]])),
  );
  const from = place?.from;
  const backwards = isBackwards(place);
  const reading = { keys, backwards, name: source.name, type: query.type };
  return [
    { $match: from ? { $and: [match, startOf(reading, from)] } : match },
    ...computed,
    ...(computed.length === 0 ? [] : [{ $set: absences }]),
    ...(from && keys.length > 0 ? [{ $match: { $expr: beyond(reading, from) } }] : []),
    { $sort: orderOf(reading) },
    { $limit: query.count + 1 },
    { $project: withoutIndex },
  ];
}

interface Reading {
  readonly keys: readonly OrderedKey[];
  readonly backwards: boolean;
  readonly name: Source['name'];
  readonly type: string;
}

function orderOf({ keys, backwards, name }: Reading): Document {
  const order = new Map<string, 1 | -1>();
  keys.forEach(({ key, field, own }, i) => {
    if (!own) order.set(`n${i}`, backwards ? -1 : 1);
    if (!order.has(field)) order.set(field, key.descending === backwards ? 1 : -1);
  });
  if (!order.has(name)) order.set(name, backwards ? -1 : 1);
  return Object.fromEntries(order);
}

/** A bound that follows from `beyond` and that an index can use. */
function startOf({ keys, backwards, name, type }: Reading, from: Position): Document {
  const [first] = keys;
  if (first === undefined) {
    return { [name]: { [backwards ? '$lt' : '$gt']: resourceKey(from.type, from.id) } };
  }
  if (!first.own) return {};
  const side = first.key.descending === backwards ? '$gte' : '$lte';
  return { [first.field]: { [side]: valueAt(first, from.keys[0] ?? null, { name, type }) } };
}

/** Rows strictly beyond a position, in the order of reading. Expressions, because they compare across types as the sort does. */
function beyond({ keys, backwards, name, type }: Reading, from: Position): Document {
  const last: Document = {
    [backwards ? '$lt' : '$gt']: [`$${name}`, { $literal: resourceKey(from.type, from.id) }],
  };
  return keys.reduceRight<Document>((rest, ordered, i) => {
    const field = `$${ordered.field}`;
    const at = from.keys[i] ?? null;
    const value = { $literal: valueAt(ordered, at, { name, type }) };
    const same = { $and: [{ $eq: [field, value] }, rest] };
    const present = { $ne: [field, null] };
    // What has no value stands at the end of the order.
    if (at === null) return backwards ? { $or: [present, same] } : same;
    const rising = ordered.key.descending === backwards;
    const further = { [rising ? '$gt' : '$lt']: [field, value] };
    if (backwards) return { $or: [{ $and: [present, further] }, same] };
    return { $or: [further, { $eq: [field, null] }, same] };
  }, last);
}

function valueAt(
  { field }: OrderedKey,
  value: Position['keys'][number],
  { name, type }: Pick<Reading, 'name' | 'type'>,
): Position['keys'][number] {
  return field === name ? resourceKey(type, String(value)) : value;
}
