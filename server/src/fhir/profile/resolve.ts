import { parseReference } from '../reference.ts';
import { objectsOf } from '../rule.ts';
import type { Json } from '../rule.ts';

/**
 * The resource a literal reference leads to within what is being checked: a contained one, the container itself, or
 * another entry of the Bundle. Undefined when it is not there.
 */
export type Resolve = (reference: string, root: Json) => Json | undefined;

/** @param resource what is being checked: a Bundle, or a resource that stands for itself */
export function resolverOf(resource: Json): Resolve {
  let entries: ReadonlyMap<string, Json> | undefined;
  return (reference, root) => {
    if (reference === '#') return root;
    if (reference.startsWith('#')) {
      return objectsOf(root['contained']).find(({ id }) => id === reference.slice(1));
    }
    if (resource['resourceType'] !== 'Bundle') return undefined;
    entries ??= entriesOf(resource);
    const parsed = parseReference(reference);
    return (
      entries.get(reference) ??
      (parsed?.kind === 'local' ? entries.get(`${parsed.type}/${parsed.id}`) : undefined)
    );
  };
}

/** By full URL, and by `Type/id`. */
function entriesOf(bundle: Json): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  for (const { fullUrl, resource } of objectsOf(bundle['entry'])) {
    const [target] = objectsOf(resource);
    if (target === undefined) continue;
    const { resourceType, id } = target;
    if (typeof id === 'string') found.set(`${String(resourceType)}/${id}`, target);
    if (typeof fullUrl === 'string') found.set(fullUrl, target);
  }
  return found;
}
