import type { ResourceStore, StoredVersion } from '../../store/resource-store.ts';

/** Tells whether each version made its resource, be it anew after a deletion. */
export async function asHistory(
  store: Pick<ResourceStore, 'version'>,
  versions: readonly StoredVersion[],
): Promise<readonly (StoredVersion & { readonly created: boolean })[]> {
  const known = new Map(versions.map((each) => [`${each.type}/${each.id}/${each.version}`, each]));
  return Promise.all(
    versions.map(async (each) => {
      const { type, id, version, deleted } = each;
      if (deleted || version === 1) return { ...each, created: !deleted };
      const previous =
        known.get(`${type}/${id}/${version - 1}`) ?? (await store.version(type, id, version - 1));
      return { ...each, created: previous?.deleted === true };
    }),
  );
}
