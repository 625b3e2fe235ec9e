import { labelMark } from '../consent/label-mark.ts';
import type { R4 } from '../fhir/r4.ts';
import type { IndexEntry } from '../search/query.ts';

/** Everything that a resource is found by. */
export function indexOf(r4: Pick<R4, 'indexEntries'>, resource: object): readonly IndexEntry[] {
  return [...r4.indexEntries(resource), labelMark(resource)];
}
