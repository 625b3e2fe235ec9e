import { heldMarks } from '../../consent/held-mark.ts';
import { labelMark } from '../../consent/label-mark.ts';
import { followed, keyOfClue } from '../../r4/followed.ts';
import type { R4 } from '../../r4/r4.ts';
import type { IndexEntry } from '../../search/query.ts';
import type { VersionWrite } from '../../store/version-store.ts';
import { contextEntries } from '../search/context-index.ts';

export type Indexer = Pick<
  R4,
  | 'registry'
  | 'indexEntries'
  | 'containedIndex'
  | 'securityContext'
  | 'uncoveredReferences'
  | 'whoseOf'
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
    ...leads(r4, resource),
  ];
  const inside = r4.containedIndex(resource);
  return inside.length === 0 ? { index } : { index, inside };
}

/** As parameter of what tells whom a resource concerns, if that is not plain by itself; none can have this name. */
export const LEADS = ':leads';

/** They find what waits for something that tells whom it concerns. */
function leads(r4: Indexer, resource: object): readonly IndexEntry[] {
  const targets = new Set(r4.whoseOf(resource).flatMap(followed).flatMap(keyOfClue));
  return [...targets].map((target) => ({ kind: 'reference', param: LEADS, target }));
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
