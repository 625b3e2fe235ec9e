import { labelMark } from '../consent/label-mark.ts';
import type { R4 } from '../fhir/r4.ts';
import type { VersionWrite } from '../store/resource-store.ts';
import { contextEntries } from './context-index.ts';

export type Indexer = Pick<R4, 'indexEntries' | 'containedIndex' | 'securityContext'>;

/** Everything that a resource is found by. */
export function indexOf(r4: Indexer, resource: object): Pick<VersionWrite, 'index' | 'inside'> {
  const index = [
    ...r4.indexEntries(resource),
    labelMark(resource),
    ...contextEntries(r4.securityContext(resource)),
  ];
  const inside = r4.containedIndex(resource);
  return inside.length === 0 ? { index } : { index, inside };
}
