import type { ClientSession } from 'mongodb';
import type { SearchQuery, SortKey, TypedFilter } from '../../search/query.ts';
import { boundFilter, boundFollowed, followLimit } from '../bound-filter.ts';
import { mergeRows, momentOf, openPlace, turnPage } from '../page.ts';
import type { PagePlace, Position } from '../page.ts';
import { StoreUnavailable } from '../resource-store.ts';
import type { SearchPage, StoredVersion } from '../resource-store.ts';
import { Links } from './chains.ts';
import type { Connection } from './connect.ts';
import { resourceKey, storedVersion } from './documents.ts';
import type { ResourceDocument } from './documents.ts';
import { maxTimeMS } from './guard.ts';
import { countInside, divided, insideLookup, insideRows } from './inside-rows.ts';
import type { Listing } from './inside-rows.ts';
import { countOf, lookup } from './lookup.ts';
import { ownField } from './sort-stages.ts';
import { sourcesOf } from './sources.ts';
import type { Source } from './sources.ts';
import { totalOf } from './total.ts';
import { Walk } from './walk.ts';

type Row = Position & { readonly document: ResourceDocument };

/**
 * @param session a snapshot session, so that page, total and what is known of the past are of one moment
 * @param mostSorted candidates up to which all are sorted for a page
 * @throws RangeError on a foreign page token, a negative count, or a filter beyond all bounds
 */
export async function search(
  { collections, pageKey }: Pick<Connection, 'collections' | 'pageKey'>,
  session: ClientSession,
  query: SearchQuery,
  mostSorted: number,
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
  const { own, listings } = divided(query);
  const asked = { links, session, place, sources, mostSorted };
  let total = 0;
  const found: Row[] = [];
  for (const source of sources) {
    const parts = own.length === 0 ? [] : [await ownPart({ ...query, own }, source, asked)];
    for (const listing of listings)
      parts.push(await listedPart(query, listing, { ...asked, source }));
    for (const part of parts) {
      total += part.total;
      found.push(...part.rows);
    }
  }
  const inOrder = sources.length + listings.length === 1;
  const read = inOrder ? found : mergeRows(query.sort, isBackwards(place), found);
  const { rows, ...pages } = turnPage(pageKey, query, {
    rows: read,
    place,
    at,
  });
  return {
    matches: matchesOf(rows),
    ...pages,
    ...(listings.length > 0 && { places: rows.map((row) => row.place ?? null) }),
    ...(query.total === 'accurate' && { total }),
  };
}

/** Rows of one version share it. */
function matchesOf(rows: readonly Row[]): readonly StoredVersion[] {
  const versions = new Map<string, StoredVersion>();
  return rows.map(({ document }) => {
    const key = resourceKey(document.type, document.id);
    const version = versions.get(key) ?? storedVersion(document);
    versions.set(key, version);
    return version;
  });
}

/** Holds what a search needs besides its query. */
interface SearchContext {
  readonly links: Links;
  readonly session: ClientSession;
  readonly place: PagePlace | undefined;
  readonly sources: readonly Source[];
  readonly mostSorted: number;
}

/** First rows of a page in the order of reading, and how many there are in all, if that is asked. */
interface Part {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** The resources themselves. */
async function ownPart(
  query: SearchQuery & { readonly own: readonly TypedFilter[] },
  source: Source,
  { links, session, place, sources, mostSorted }: SearchContext,
): Promise<Part> {
  const asked = await lookup(query.own, links, source);
  const total =
    query.total === 'accurate' ? await totalOf(source, asked, { parts: query.own, session }) : 0;
  if (query.count === 0) return { rows: [], total };
  const limit = followLimit(query.sort);
  if (limit !== undefined)
    boundFollowed(await countOf(source, asked, { session, maxTimeMS, limit }), limit);
  const walk = new Walk(query, asked, { source, sources, place, session, mostSorted });
  const rows = await walk.page();
  return {
    rows: rows.map((document) => rowOf(document, query.sort)),
    total,
  };
}

/** Returns the part of a page that lists what resources contain. */
async function listedPart(
  query: SearchQuery,
  listing: Listing,
  { links, session, place, source }: SearchContext & { readonly source: Source },
): Promise<Part> {
  const asked = await insideLookup(listing, links, source);
  const total = query.total === 'accurate' ? await countInside(source, asked, session) : 0;
  if (query.count === 0) return { rows: [], total };
  const rows = await insideRows(query, asked, { source, place, session });
  return { rows, total };
}

function isBackwards(place: PagePlace | undefined): boolean {
  return place?.backwards === true;
}

function rowOf(document: ResourceDocument, sort: readonly SortKey[]): Row {
  const fields = document as ResourceDocument & Record<string, unknown>;
  const keys = sort.map((key, i) => fields[ownField(key) ?? `k${i}`] ?? null);
  return { keys: keys as Row['keys'], type: document.type, id: document.id, document };
}
