import type { Json } from '../rule.ts';
import type { Property, TypeModel, TypeModels } from '../type-model.ts';

/** An element of a resource with its type, as the rules of a profile see it. */
export interface Item {
  /** R4 type: `HumanName`, `Patient.contact`, `date`; of a resource its own. */
  readonly type: string;
  readonly isResource: boolean;
  /** JSON of the element; undefined for a primitive that has extensions only. */
  readonly value: unknown;
  /** Id and extensions of a primitive. */
  readonly twin: Json | undefined;
  /** FHIRPath of the element. */
  readonly path: string;
}

export function rootItem(resource: Json, path: string): Item {
  const type = resource['resourceType'];
  const name = typeof type === 'string' ? type : 'Resource';
  return { type: name, isResource: true, value: resource, twin: undefined, path };
}

/** The items that an element of this name has, without `[x]`. */
export function itemsOf(models: TypeModels, parent: Item, name: string): readonly Item[] {
  const primitive = models.get(parent.type)?.kind === 'primitive';
  const fields = primitive ? parent.twin : parent.value;
  const model = models.get(primitive ? 'Element' : parent.type);
  if (!isObject(fields) || !model) return [];
  const found = propertiesOf(model, name).flatMap((property) => itemsAt(parent, fields, property));
  // FHIRPath has a primitive's value as an element of it; profiles may speak of it.
  return found;
}

export function propertiesOf(model: TypeModel, name: string): readonly Property[] {
  const exact = model.properties.get(name);
  if (exact) return [exact];
  return [...model.properties.values()].filter(({ element }) => element.name === name);
}

function itemsAt(parent: Item, fields: Json, property: Property): Item[] {
  const { name } = property;
  const value = fields[name];
  const twin = property.kind === 'primitive' ? fields[`_${name}`] : undefined;
  if (value === undefined && twin === undefined) return [];
  const path = `${parent.path}.${name}`;
  if (!property.many) return [itemOf(property, path, { value, twin })];
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const twins: readonly unknown[] = Array.isArray(twin) ? twin : [];
  return Array.from({ length: Math.max(values.length, twins.length) }, (_none, index) =>
    itemOf(property, `${path}[${index}]`, { value: values[index], twin: twins[index] }),
  );
}

function itemOf(
  property: Property,
  path: string,
  { value, twin }: { readonly value: unknown; readonly twin: unknown },
): Item {
  const isResource = property.kind === 'resource';
  const named = isResource && isObject(value) ? value['resourceType'] : undefined;
  return {
    type: typeof named === 'string' ? named : property.type,
    isResource,
    value: value ?? undefined,
    twin: isObject(twin) ? twin : undefined,
    path,
  };
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
