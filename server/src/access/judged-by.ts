import type { ResourceStore, StoredVersion } from '../store/resource-store.ts';

/**
 * What each version is judged by: itself, and a deletion by what it deleted, so that it tells of nothing that its reader
 * could not have seen.
 */
export async function judgedBy(
  { store }: { readonly store: Pick<ResourceStore, 'version'> },
  versions: readonly StoredVersion[],
): Promise<ReadonlyMap<StoredVersion, StoredVersion>> {
  const pairs = versions.map(async (version): Promise<readonly [StoredVersion, StoredVersion]> => {
    const { type, id, deleted } = version;
    if (!deleted) return [version, version];
    const before = await store.version(type, id, version.version - 1);
    return [version, { ...version, body: before?.body ?? version.body }];
  });
  return new Map(await Promise.all(pairs));
}
