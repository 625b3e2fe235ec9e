import { canConcern } from '../r4/can-concern.ts';
import type { Filter, IndexEntry } from '../search/query.ts';
import type { Registry } from '../search/registry.ts';
import { both } from '../search/combine-filters.ts';
import { isMarked } from './label-mark.ts';
import { classesHeld } from './part-facts.ts';

/** No search parameter can have this name. */
const PARAM = ':holds';

/** Marks a resource that holds others whose classes consent is asked about, too: contained, or carried by a Bundle. */
export function heldMarks(registry: Registry, resource: object): readonly IndexEntry[] {
  return classesHeld(resource)
    .filter((className) => canConcern(registry, className))
    .map((className) => ({ kind: 'token', param: PARAM, system: null, code: className }));
}

/** Resources that surely hold nothing of the kind: of those that an earlier server indexed, nobody can tell. */
export const holdsNothing: Filter = both(isMarked, { op: 'missing', param: PARAM, missing: true });
