import type { Store } from '../store/store.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { judgedBy } from './judged-by.ts';

/** By each version, all that must be permitted for it to be seen. */
export type Judges = ReadonlyMap<StoredVersion, readonly [StoredVersion, ...StoredVersion[]]>;

/**
 * Returns what each version is judged by: itself, and what is current of its resource now, so that a label that was raised
 * or a patient who was corrected protects what was written before, too. A deletion is judged by what it deleted.
 *
 * @param current they have been read as current just now, which spares looking
 * @rule judges of a version
 */
export async function judgesOf(
  services: { readonly store: Pick<Store, 'versions'> },
  versions: readonly StoredVersion[],
  { current }: { readonly current: boolean },
): Promise<Judges> {
  const newer = current ? [] : await services.store.versions.newerThan(versions);
  const by = await judgedBy(services, [...versions, ...newer]);
  const now = new Map(newer.map((each) => [`${each.type}/${each.id}`, by.get(each) ?? each]));
  return new Map(
    versions.map((version) => {
      const itself = by.get(version) ?? version;
      const later = now.get(`${version.type}/${version.id}`);
      const both = later !== undefined && later.version > version.version;
      return [version, both ? [itself, later] : [itself]];
    }),
  );
}
