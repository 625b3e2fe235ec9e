import { objectsOf } from '../rule.ts';
import type { Json } from '../rule.ts';
import type { ProseRule } from './prose-rule.ts';

/** Lists what has ids of its own: definitions name the same element in both views. */
const APART = new Set(['id', 'contained', 'snapshot', 'differential']);

/**
 * Contained resources have ids of their own (http://hl7.org/fhir/R4/references.html#contained), and so do elements
 * within one resource (http://hl7.org/fhir/R4/element.html).
 */
export const checkIds: ProseRule = (resource, { report }) => {
  const contained = new Set<unknown>();
  objectsOf(resource['contained']).forEach(({ id }, index) => {
    if (typeof id === 'string' && contained.has(id)) {
      report('duplicate', `Two contained resources have the id ${id}`, `.contained[${index}].id`);
    }
    contained.add(id);
  });
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const [name, value] of Object.entries(resource)) {
    if (!APART.has(name)) gather(value, seen, twice);
  }
  for (const id of twice) report('duplicate', `Two elements have the id ${id}`);
};

function gather(value: unknown, seen: Set<string>, twice: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) gather(item, seen, twice);
    return;
  }
  const { id, resourceType, ...rest } = value as Json;
  // A resource inside (an entry of a Bundle, a parameter) has elements of its own.
  if (resourceType !== undefined) return;
  if (typeof id === 'string') {
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  for (const inner of Object.values(rest)) gather(inner, seen, twice);
}
