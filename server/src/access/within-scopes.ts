import type { Bounds } from '../auth/authorize.ts';
import type { R4 } from '../r4/r4.ts';
import { matches } from '../search/matches.ts';
import { contentOf } from '../store/content-of.ts';
import type { StoredVersion } from '../store/version-store.ts';

/**
 * Tells whether the queries of scopes leave this version: judged as a search judges it, so that both always agree.
 *
 * @rule SMART scopes
 */
export function withinScopes(
  r4: Pick<R4, 'indexEntries'>,
  { queries }: Pick<Bounds, 'queries'>,
  version: StoredVersion,
): boolean {
  if (queries.length === 0) return true;
  const { type, id, lastUpdated, patients } = version;
  const index = r4.indexEntries({ ...contentOf(version), resourceType: type, id });
  return queries.every((query) => matches({ id, lastUpdated, patients, index }, query));
}
