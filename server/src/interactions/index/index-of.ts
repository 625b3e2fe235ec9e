import { heldMarks } from '../../consent/held-mark.ts';
import { labelMark } from '../../consent/label-mark.ts';
import type { R4 } from '../../r4/r4.ts';
import type { IndexEntry } from '../../search/query.ts';
import type { VersionWrite } from '../../store/version-store.ts';
import { contextEntries } from '../search/context-index.ts';

export type Indexer = Pick<
  R4,
  'registry' | 'indexEntries' | 'containedIndex' | 'securityContext' | 'uncoveredReferences'
>;

/** Everything that a resource is found by. */
export function indexOf(r4: Indexer, resource: object): Pick<VersionWrite, 'index' | 'inside'> {
  const entries = r4.indexEntries(resource);
  const index = [
    ...entries,
    labelMark(resource),
    ...heldMarks(r4.registry, resource),
    ...contextEntries(r4.securityContext(resource)),
    ...elsewhere(r4, resource, entries),
  ];
  const inside = r4.containedIndex(resource);
  return inside.length === 0 ? { index } : { index, inside };
}

/** As parameter of references that no search parameter covers; none can have this name. */
export const ELSEWHERE = ':elsewhere';

/** They cannot be searched by, but keep what they lead to from being deleted. */
function elsewhere(
  r4: Indexer,
  resource: object,
  entries: readonly IndexEntry[],
): readonly IndexEntry[] {
  const { resourceType } = resource as { readonly resourceType: string };
  // Custom parameters come and go; what contained resources refer to is indexed by no parameter alone.
  const parameters = r4.registry.builtIn(resourceType);
  const covered = entries.flatMap((entry) =>
    entry.kind === 'reference' && parameters.has(entry.param) ? [entry.target] : [],
  );
  return r4
    .uncoveredReferences(resource, new Set(covered))
    .map((target) => ({ kind: 'reference', param: ELSEWHERE, target }));
}
