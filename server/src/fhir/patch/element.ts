import type { Property, TypeModel, TypeModels } from '../type-model.ts';
import {
  isNull,
  member,
  stringOf,
  type JsonArray,
  type JsonNode,
  type JsonObject,
} from './json-tree.ts';

/**
 * An element of a resource as FHIRPath sees it: a primitive is its value together with its twin (`birthDate` and
 * `_birthDate`). It describes the tree at the time it was found; an edit makes it stale.
 */
export interface Element {
  /** R4 type: `HumanName`, `Patient.contact`, `date`; of a resource its own. */
  readonly type: string;
  readonly primitive: boolean;
  /** Says where it hangs; absent for the resource itself. */
  readonly place?: PropertyPlace;
  /** Absent, or JSON null in a list, for a primitive that has extensions only. */
  readonly node: JsonNode | undefined;
  /** Id and extensions of a primitive. */
  readonly twin: JsonObject | undefined;
}

export interface PropertyPlace {
  readonly owner: Element;
  /** The JSON object that has the property: the owner's own, or its twin. */
  readonly fields: JsonObject;
  readonly property: Property;
  /** Position in a list. */
  readonly index?: number;
}

export function rootElement(resource: JsonObject): Element {
  const type = stringOf(member(resource, 'resourceType')?.value) ?? 'Resource';
  return { type, primitive: false, node: resource, twin: undefined };
}

/** The JSON object in which an element's children lie; undefined when it has none yet. */
export function fieldsOf(element: Element): JsonObject | undefined {
  if (element.primitive) return element.twin;
  return element.node?.kind === 'object' ? element.node : undefined;
}

/** Returns what children an element may have: a primitive has the `id` and `extension` of every element. */
export function modelOf(models: TypeModels, element: Element): TypeModel | undefined {
  return models.get(element.primitive ? 'Element' : element.type);
}

/** Properties that carry an element of this name: several for a choice, whose one property may be named as well. */
export function propertiesNamed(model: TypeModel, name: string): readonly Property[] {
  const bare = name.endsWith('[x]') ? name.slice(0, -3) : name;
  return [...model.properties.values()].filter(
    (property) => property.element.name === bare || property.name === bare,
  );
}

/** The elements that a property of an element has now. */
export function elementsAt(owner: Element, property: Property): readonly Element[] {
  const fields = fieldsOf(owner);
  if (fields === undefined) return [];
  const primitive = property.kind === 'primitive';
  const value = member(fields, property.name)?.value;
  const twin = primitive ? member(fields, `_${property.name}`)?.value : undefined;
  if (!property.many) {
    if (value === undefined && twin === undefined) return [];
    return [made({ owner, fields, property }, value, twin)];
  }
  const values = arrayOf(value)?.entries ?? [];
  const twins = arrayOf(twin)?.entries ?? [];
  return Array.from({ length: Math.max(values.length, twins.length) }, (_, index) =>
    made({ owner, fields, property, index }, values[index]?.value, twins[index]?.value),
  );
}

function made(
  place: PropertyPlace,
  node: JsonNode | undefined,
  twin: JsonNode | undefined,
): Element {
  const { property } = place;
  const resource = property.kind === 'resource' && node?.kind === 'object';
  return {
    type: resource ? rootElement(node).type : property.type,
    primitive: property.kind === 'primitive',
    place,
    node: isNull(node) ? undefined : node,
    twin: twin?.kind === 'object' ? twin : undefined,
  };
}

export function arrayOf(node: JsonNode | undefined): JsonArray | undefined {
  return node?.kind === 'array' ? node : undefined;
}
