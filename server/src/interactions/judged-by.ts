import { UNPLACED } from '../consent/unplaced.ts';
import type { ResourceStore, StoredVersion } from '../store/resource-store.ts';
import { contextOf } from './context-of.ts';

interface Services {
  readonly store: Pick<ResourceStore, 'version' | 'current'>;
  readonly base: string;
}

/**
 * What each version is judged by: itself, and a deletion by what it deleted, so that it tells of nothing that its reader
 * could not have seen. A Binary whose security context came after it concerns whomever that concerns.
 */
export async function judgedBy(
  services: Services,
  versions: readonly StoredVersion[],
): Promise<ReadonlyMap<StoredVersion, StoredVersion>> {
  const pairs = versions.map(async (version): Promise<readonly [StoredVersion, StoredVersion]> => {
    const { type, id, deleted } = version;
    const before = deleted ? await services.store.version(type, id, version.version - 1) : version;
    const judged = deleted ? { ...version, body: before?.body ?? version.body } : version;
    const late = type === 'Binary' && version.patients.includes(UNPLACED);
    return [version, late ? await concerning(services, judged) : judged];
  });
  return new Map(await Promise.all(pairs));
}

async function concerning(
  { store, base }: Services,
  version: StoredVersion,
): Promise<StoredVersion> {
  const named = contextOf(version, base);
  if (named === undefined || named === 'elsewhere') return version;
  const context = await store.current(named.type, named.id);
  return context === undefined ? version : { ...version, patients: context.patients };
}
