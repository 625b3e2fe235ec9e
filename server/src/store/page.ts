import { createHash } from 'node:crypto';
import { compareText } from '../search/compare.ts';
import type { SearchQuery, SortKey, TypedFilter } from '../search/query.ts';
import { PageExpired } from './errors.ts';
import type { SearchPage } from './version-store.ts';
import { openToken, sealToken } from './page-token.ts';

/** Says where a row stands in the order of a search: its sort values (null where it has none), its type and its id. */
export interface Position {
  readonly keys: readonly (number | string | null)[];
  readonly type: string;
  readonly id: string;
  /**
   * Is the place of a contained resource, after type and id of what contains it; a resource itself comes before what it
   * contains.
   */
  readonly place?: number;
}

/** `Position.place` as a number that is in the right order. */
export function placeOf({ place = -1 }: Position): number {
  return place;
}

/** Says which page is meant: the rows next to `from`, or to the end that lies behind, read in one direction. */
export interface PagePlace {
  /** The newest commit that the page shows. */
  readonly at: number;
  readonly backwards: boolean;
  readonly from: Position | undefined;
}

/** @throws RangeError for a token that is not of this search */
export function openPlace(key: Uint8Array, query: SearchQuery): PagePlace | undefined {
  if (query.page === undefined) return undefined;
  const content = openToken(key, scopeOf(query), query.page) as Sealed;
  const [at, backwards, type, id, ...rest] = content;
  if (query.whole) return { at, backwards: false, from: undefined };
  if (type === undefined || id === undefined) {
    return { at, backwards: backwards === 1, from: undefined };
  }
  const keys = rest.slice(0, query.sort.length);
  const place = rest[query.sort.length];
  const from = { type, id, keys, ...(typeof place === 'number' && { place }) };
  return { at, backwards: backwards === 1, from };
}

type Sealed = readonly [
  at: number,
  backwards: 0 | 1,
  type?: string,
  id?: string,
  /** One for each key of the search, then the place if there is one. */
  ...keysAndPlace: (number | string | null)[],
];

/**
 * The commit that a page shows: that of its link, or the newest.
 * @throws PageExpired when what was current then is no longer kept, or is not known yet (a store restored from a backup)
 */
export function momentOf(
  place: PagePlace | undefined,
  kept: { readonly horizon: number; readonly newest: number },
): number {
  const at = place?.at ?? kept.newest;
  if (at < kept.horizon || at > kept.newest) {
    throw new PageExpired('The page link has expired');
  }
  return at;
}

/** The page's rows in the order of the search, and what leads on from it, from the first `count + 1` in the order of reading. */
export function turnPage<Row extends Position>(
  key: Uint8Array,
  query: SearchQuery,
  read: {
    readonly rows: readonly Row[];
    readonly place: PagePlace | undefined;
    readonly at: number;
  },
): { readonly rows: readonly Row[] } & Pick<SearchPage, 'links' | 'moment'> {
  const { place, at } = read;
  const rows = read.rows.slice(0, query.count);
  const more = read.rows.length > query.count;
  // There was something where this page was come from, which consent may have hidden meanwhile.
  const behind = place?.from !== undefined;
  const backwards = place?.backwards === true;
  if (backwards) rows.reverse();
  const before = backwards ? more : behind;
  const after = backwards ? behind : more;
  const several = query.count > 0 && (before || after);
  if (!several && !query.whole) return { rows, links: {} };
  const scope = scopeOf(query);
  const link = (to: 'next' | 'previous', from: Position | undefined): string =>
    sealToken(key, scope, contentOf({ at, backwards: to === 'previous', from }));
  const moment = query.whole ? { moment: link('next', undefined) } : {};
  if (!several) return { rows, links: {}, ...moment };
  return {
    rows,
    ...moment,
    links: {
      first: link('next', undefined),
      ...(before && { previous: link('previous', rows[0]) }),
      ...(after && { next: link('next', rows.at(-1)) }),
      last: link('previous', undefined),
    },
  };
}

function contentOf({ at, backwards, from }: PagePlace): Sealed {
  const direction = backwards ? 1 : 0;
  if (!from) return [at, direction];
  const place = from.place === undefined ? [] : [from.place];
  return [at, direction, from.type, from.id, ...from.keys, ...place];
}

function scopeOf(query: SearchQuery): string {
  const { others = [], sort, boundTo = '' } = query;
  const order = sort.map((key) => [key.descending, ...pathOf(key)]);
  const text = JSON.stringify([nameOf(query), others.map(nameOf), order, boundTo]);
  return createHash('sha256').update(text).digest('base64');
}

function nameOf({ type, inside }: TypedFilter): string {
  return inside ? `${type}#${inside.type}` : type;
}

function pathOf({ param, through = [] }: Pick<SortKey, 'param' | 'through'>): readonly unknown[] {
  return [param, through.map(({ type, value }) => [type, pathOf(value)])];
}

/** Rows of several sources in the order of reading. */
export function mergeRows<Row extends Position>(
  sort: readonly SortKey[],
  backwards: boolean,
  rows: Row[],
): Row[] {
  const sign = backwards ? -1 : 1;
  return rows.sort((a, b) => sign * comparePositions(sort, a, b));
}

function comparePositions(sort: readonly SortKey[], a: Position, b: Position): number {
  for (const [i, { descending }] of sort.entries()) {
    const order = compareKeys(a.keys[i] ?? null, b.keys[i] ?? null, descending);
    if (order !== 0) return order;
  }
  return compareText(a.type, b.type) || compareText(a.id, b.id) || placeOf(a) - placeOf(b);
}

type Key = number | string | null;

/** Without a value comes last in both directions; numbers come before text. */
function compareKeys(a: Key, b: Key, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = compareValues(a, b);
  return descending ? -order : order;
}

function compareValues(a: number | string, b: number | string): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : compareText(a, b);
}
