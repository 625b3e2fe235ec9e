import type { Item } from './item.ts';
import type { Items } from './scope.ts';
import type { Json } from './type-models.ts';

/** The type of resource that the text of a reference names; undefined where it names none. */
export type TypeOfReference = (reference: string) => string | undefined;

export function resourceItem(resource: Json | undefined): Items {
  const type = resource?.['resourceType'];
  return typeof type === 'string' ? [{ type, value: resource, resource }] : [];
}

/**
 * Returns what a reference leads to (http://hl7.org/fhir/R4/fhirpath.html#functions): a contained resource or an entry
 * of a Bundle, and of any other resource the type alone, as the reference names it.
 *
 * @param holder the resource that holds the reference
 * @param root the resource that everything stands in
 */
export function atHand(
  reference: string,
  { holder, root }: { readonly holder: Json | undefined; readonly root: Json | undefined },
  typeOfReference: TypeOfReference,
): Item | undefined {
  if (reference.startsWith('#')) {
    const contained = [holder, root].flatMap((one) => objectsOf(one?.['contained']));
    const found = reference === '#' ? root : contained.find(({ id }) => id === reference.slice(1));
    return resourceItem(found)[0];
  }
  const entries = root?.['resourceType'] === 'Bundle' ? objectsOf(root['entry']) : [];
  const entry = entries.find(({ fullUrl }) => fullUrl === reference);
  const [inside] = objectsOf(entry?.['resource']);
  if (inside) return resourceItem(inside)[0];
  const type = typeOfReference(reference);
  return type === undefined ? undefined : { type, value: { resourceType: type } };
}

/** Returns the objects of a repeating element; none where it is absent or something else. */
export function objectsOf(value: unknown): readonly Json[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is Json => typeof item === 'object' && item !== null);
}
