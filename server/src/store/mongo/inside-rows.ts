import type { ClientSession, Document } from 'mongodb';
import type { Contents, SearchQuery, TypedFilter } from '../../search/query.ts';
import type { PagePlace, Position } from '../page.ts';
import type { Links } from './chains.ts';
import { withoutIndex } from './documents.ts';
import type { ResourceDocument } from './documents.ts';
import { maxTimeMS } from './guard.ts';
import { unmarkedInside } from './inside-marks.ts';
import { countOf, lookup } from './lookup.ts';
import { sameContents } from './shared-inside.ts';
import type { Lookup } from './lookup.ts';
import { beyond, keysOf, orderOf, startOf } from './order.ts';
import type { Reading } from './order.ts';
import type { Source } from './sources.ts';

/** A row that a contained resource makes, with the resource that contains it. */
export type InsideRow = Position & { readonly place: number; readonly document: ResourceDocument };

/** Types of containers, of which the same is listed. */
export interface Listing {
  readonly inside: Contents;
  readonly parts: readonly TypedFilter[];
}

/** Returns what of a query is about the resources themselves, and what lists what they contain. */
export function divided(query: SearchQuery): {
  readonly own: readonly TypedFilter[];
  readonly listings: readonly Listing[];
} {
  const own: TypedFilter[] = [];
  const listings: { inside: Contents; parts: TypedFilter[] }[] = [];
  for (const { type, filter, inside } of [query, ...(query.others ?? [])]) {
    if (inside) {
      const known = listings.find((one) => sameContents(one.inside, inside));
      if (known) known.parts.push({ type, filter });
      else listings.push({ inside, parts: [{ type, filter }] });
    } else own.push({ type, filter });
  }
  return { own, listings };
}

/** The stages that find containers and then, with `then`, leave what is listed of them. */
interface InsideLookup extends Lookup {
  /** Each container holds a row. */
  readonly sure: boolean;
  readonly listed: Document;
}

export async function insideLookup(
  { inside, parts }: Listing,
  links: Links,
  source: Source,
): Promise<InsideLookup> {
  const loose = unmarkedInside(inside.filter);
  const holding = await links.holding({ ...inside, filter: loose }, source);
  const { match, then } = await lookup(parts, links, source);
  return {
    match: { $and: [holding, match] },
    then,
    sure: loose === inside.filter && then.length === 0,
    listed: await links.contents(inside, source),
  };
}

/** Tells how many contained resources are listed. */
export function countInside(
  source: Source,
  { match, then, listed }: InsideLookup,
  session: ClientSession,
): Promise<number> {
  const alone = [{ $unwind: '$i' }, { $replaceWith: '$i' }, { $match: listed }];
  return countOf(source, { match, then: [...then, ...alone] }, { session, maxTimeMS });
}

/** The stages that find a page of them: what contains each, and its place in `n`. */
export function insidePipeline(
  { sort, count, type }: SearchQuery,
  { match, then, sure, listed }: InsideLookup,
  { source, place }: { readonly source: Source; readonly place: PagePlace | undefined },
): Document[] {
  const { name } = source;
  const from = place?.from;
  const backwards = place?.backwards === true;
  const reading: Reading = {
    keys: keysOf(sort, { name, severalTypes: true }),
    backwards,
    name,
    type,
  };
  const row = { [name]: `$${name}`, type: '$type', id: '$id', lastUpdated: '$lastUpdated' };
  return [
    { $match: from ? { $and: [match, startOf(reading, from, 'container')] } : match },
    ...then,
    ...(from ? [{ $match: { $expr: beyond(reading, from, 'container') } }] : []),
    // Left to itself MongoDB would hold them whole while it sorts.
    ...(sure ? [] : [{ $project: { [name]: 1, type: 1, id: 1, lastUpdated: 1, i: 1 } }]),
    { $sort: orderOf(reading) },
    // The container at which the page before ended may have no rows left, so one more is read.
    ...(sure ? [{ $limit: count + 2 }] : []),
    ...(backwards ? [{ $set: { i: { $reverseArray: '$i' } } }] : []),
    { $unwind: '$i' },
    { $replaceWith: { $mergeObjects: ['$i', row] } },
    { $match: listed },
    ...(from ? [{ $match: { $expr: beyond(reading, from, 'contained') } }] : []),
    { $limit: count + 1 },
    { $project: { [name]: 1, type: 1, id: 1, lastUpdated: 1, n: 1 } },
  ];
}

interface RowDocument {
  readonly type: string;
  readonly id: string;
  readonly lastUpdated: number;
  readonly n: number;
}

/** The first rows of a page in one source, in the order of reading. */
export async function insideRows(
  query: SearchQuery,
  asked: InsideLookup,
  by: {
    readonly source: Source;
    readonly place: PagePlace | undefined;
    readonly session: ClientSession;
  },
): Promise<InsideRow[]> {
  const { source, session } = by;
  const { collection, name, shown } = source;
  const found = await collection
    .aggregate<RowDocument & Record<typeof name, string>>(insidePipeline(query, asked, by), {
      session,
      maxTimeMS,
      allowDiskUse: true,
      batchSize: query.count + 1,
    })
    .toArray();
  const names = [...new Set(found.map((row) => row[name]))];
  const containers = await collection
    .find(
      { [name]: { $in: names }, ...shown },
      { session, maxTimeMS, projection: withoutIndex, batchSize: names.length + 1 },
    )
    .toArray();
  const byName = new Map(
    containers.map((document) => [`${document.type}/${document.id}`, document]),
  );
  return found.flatMap(({ type, id, lastUpdated, n }) => {
    const document = byName.get(`${type}/${id}`);
    const keys = query.sort.map(({ param }) => (param === '_id' ? id : lastUpdated));
    return document ? [{ keys, type, id, place: n, document }] : [];
  });
}
