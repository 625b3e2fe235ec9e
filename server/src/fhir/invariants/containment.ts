import { objectsOf } from '../rule.ts';
import type { Json, Rule } from '../rule.ts';

/** Rules on contained resources (R4 references.html#contained). */
export const CONTAINMENT_RULES: readonly (readonly [string, Rule])[] = [
  ['ref-1', (element, { root }) => pointsToContained(element['reference'], root)],
  ['dom-2', (element) => contained(element).every((inner) => !('contained' in inner))],
  ['dom-3', (element) => allReferenced(element)],
  [
    'dom-4',
    (element) => contained(element).every((inner) => !hasMeta(inner, ['versionId', 'lastUpdated'])),
  ],
  ['dom-5', (element) => contained(element).every((inner) => !hasMeta(inner, ['security']))],
];

function contained(resource: Json): readonly Json[] {
  return objectsOf(resource['contained']);
}

/** A resource may hold many references; its contained ids are gathered once. */
const containedIds = new WeakMap<Json, ReadonlySet<unknown>>();

function pointsToContained(reference: unknown, root: Json): boolean {
  if (typeof reference !== 'string' || !reference.startsWith('#') || reference === '#') return true;
  let ids = containedIds.get(root);
  if (!ids) {
    ids = new Set(contained(root).map(({ id }) => id));
    containedIds.set(root, ids);
  }
  return ids.has(reference.slice(1));
}

/** Each contained resource is referred to from around it, or refers to its container itself. */
function allReferenced(resource: Json): boolean {
  const all = contained(resource);
  if (all.length === 0) return true;
  const mentioned = new Set<string>();
  gather(resource, mentioned);
  return all.every((inner) => {
    if (typeof inner['id'] === 'string' && mentioned.has(`#${inner['id']}`)) return true;
    const own = new Set<string>();
    gather(inner, own);
    return own.has('#');
  });
}

/** Collects the texts that may be references within the resource. */
function gather(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (value.startsWith('#')) into.add(value);
    // A narrative may show a contained image.
    else if (value.startsWith('<div')) {
      for (const [, link = ''] of value.matchAll(/(?:src|href)="(#[^"]+)"/g)) into.add(link);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) gather(inner, into);
  }
}

function hasMeta(resource: Json, names: readonly string[]): boolean {
  return objectsOf(resource['meta']).some((meta) => names.some((name) => name in meta));
}
