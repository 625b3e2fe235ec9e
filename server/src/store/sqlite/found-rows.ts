import type { SQLInputValue } from 'node:sqlite';
import type { SearchQuery } from '../../search/query.ts';
import type { Position } from '../page.ts';
import type { SearchPage, StoredVersion } from '../version-store.ts';
import type { FoundVersions } from './found-versions.ts';

export type FoundRow = Position & { readonly vid: SQLInputValue };

/** The versions of rows, each read once. */
export function foundVersions(
  rows: readonly FoundRow[],
  query: SearchQuery,
  reader: FoundVersions,
): Pick<SearchPage, 'matches' | 'places'> {
  const read = new Map<SQLInputValue, StoredVersion>();
  const matches = rows.map(({ type, id, vid }) => {
    const version = read.get(vid) ?? reader.found(type, id, vid);
    read.set(vid, version);
    return version;
  });
  const shows = [query, ...(query.others ?? [])].some(({ inside }) => inside !== undefined);
  return shows ? { matches, places: rows.map(({ place }) => place ?? null) } : { matches };
}
