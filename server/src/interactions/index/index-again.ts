import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { indexOf, type Indexer } from './index-of.ts';

/**
 * The index of a version that is stored already. One that an earlier version of the server took may contain more than is
 * indexed today; it must not keep all others from being indexed, and is found by all but what it contains.
 */
export function indexAgain(
  r4: Indexer,
  version: StoredVersion,
  failed: (error: unknown) => void,
): ReturnType<typeof indexOf> {
  const content = JSON.parse(Buffer.from(version.body).toString('utf8')) as object;
  const resource = { ...content, id: version.id };
  try {
    return indexOf(r4, resource);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    failed(error);
    return indexOf({ ...r4, containedIndex: () => [] }, resource);
  }
}
