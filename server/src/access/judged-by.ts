import type { Store } from '../store/store.ts';
import type { StoredVersion } from '../store/version-store.ts';

/**
 * Returns what each version is judged by: itself, and for a deletion what it deleted, so that it tells of nothing that
 * its reader could not have seen.
 */
export async function judgedBy(
  { store }: { readonly store: Pick<Store, 'versions'> },
  versions: readonly StoredVersion[],
): Promise<ReadonlyMap<StoredVersion, StoredVersion>> {
  const known = new Map(versions.map((each) => [`${each.type}/${each.id}/${each.version}`, each]));
  const pairs = versions.map(async (version): Promise<readonly [StoredVersion, StoredVersion]> => {
    const { type, id, deleted } = version;
    if (!deleted) return [version, version];
    const before =
      known.get(`${type}/${id}/${version.version - 1}`) ??
      (await store.versions.version(type, id, version.version - 1));
    return [version, { ...version, body: before?.body ?? version.body }];
  });
  return new Map(await Promise.all(pairs));
}
