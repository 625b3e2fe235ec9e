import { labelMark } from '../consent/label-mark.ts';
import type { R4 } from '../fhir/r4.ts';
import type { VersionWrite } from '../store/resource-store.ts';

export type Indexer = Pick<R4, 'indexEntries' | 'containedIndex'>;

/** Everything that a resource is found by. */
export function indexOf(r4: Indexer, resource: object): Pick<VersionWrite, 'index' | 'inside'> {
  const index = [...r4.indexEntries(resource), labelMark(resource)];
  const inside = r4.containedIndex(resource);
  return inside.length === 0 ? { index } : { index, inside };
}
