import { printable } from '../printable.ts';
import type { Property, TypeModels } from '../type-model.ts';
import { elementsAt, modelOf, propertiesNamed, type Element } from './element.ts';
import { ElementList, type Content } from './element-list.ts';
import { insertMember } from './edit-tree.ts';
import type { PatchValue } from './fhirpath-operations.ts';
import { depthOf, emptyObject, type JsonObject } from './json-tree.ts';
import { copyTree } from './parse-tree.ts';

/** A value does not fit where it shall go. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
}

/** Property of an element that takes a value of this kind under the given name. @throws Misfit */
export function propertyFor(
  models: TypeModels,
  owner: Element,
  given: { readonly name: string; readonly value: PatchValue },
): Property {
  const { name, value } = given;
  const model = modelOf(models, owner);
  const candidates = model === undefined ? [] : propertiesNamed(model, name);
  if (candidates.length === 0) throw new Misfit(`R4 has no ${printable(name)} in ${owner.type}`);
  const fitting = candidates.find((property) => fits(property, value));
  if (fitting !== undefined) return fitting;
  const wanted = [...new Set(candidates.map(({ type }) => type))].slice(0, 8).join(', ');
  throw new Misfit(`${printable(name)} of ${owner.type} takes another type than given: ${wanted}`);
}

/** Bounds recursion only; how deep a resource may be is checked on the result. */
const DEEPEST = 128;

/** The JSON of a value for a property of the owner that takes it. @throws Misfit */
export function contentFor(
  models: TypeModels,
  { owner, property }: { readonly owner: Element; readonly property: Property },
  value: PatchValue,
): Content {
  const content = copied(models, property, value);
  const deepest = Math.max(
    ...[content.node, content.twin].map((node) => (node ? depthOf(node) : 0)),
  );
  if (deepest + 2 * depthBelowRoot(owner) > DEEPEST) throw new Misfit('the resource gets too deep');
  return content;
}

function depthBelowRoot(element: Element): number {
  let depth = 0;
  for (let at = element.place; at !== undefined; at = at.owner.place) depth += 1;
  return depth;
}

function copied(models: TypeModels, property: Property, value: PatchValue): Content {
  switch (value.kind) {
    case 'typed':
      return {
        node: value.node === undefined ? undefined : copyTree(value.node),
        twin: value.twin === undefined ? undefined : copyTree(value.twin),
      };
    case 'resource':
      return { node: copyTree(value.node), twin: undefined };
    case 'parts': {
      if (value.parts.length === 0) throw new Misfit(`${property.name} is given without parts`);
      const node = emptyObject();
      const made: Element = { type: property.type, primitive: false, node, twin: undefined };
      for (const part of value.parts) addChild(models, { owner: made, fields: node }, part);
      return { node, twin: undefined };
    }
  }
}

/** Appends to a list, or sets what is not there yet. @throws Misfit */
export function addChild(
  models: TypeModels,
  { owner, fields }: { readonly owner: Element; readonly fields: JsonObject },
  given: { readonly name: string; readonly value: PatchValue },
): void {
  const property = propertyFor(models, owner, given);
  const content = contentFor(models, { owner, property }, given.value);
  if (property.many) {
    const list = new ElementList(fields, property);
    list.insert(list.length, content);
    return;
  }
  const model = modelOf(models, owner);
  const rivals = model === undefined ? [] : propertiesNamed(model, property.element.name);
  if (rivals.some((rival) => elementsAt(owner, rival).length > 0)) {
    throw new Misfit(`${property.element.name} is there already: replace it`);
  }
  if (content.node !== undefined) insertMember(fields, property.name, content.node);
  if (content.twin !== undefined) insertMember(fields, `_${property.name}`, content.twin);
}

function fits(property: Property, value: PatchValue): boolean {
  switch (value.kind) {
    case 'resource':
      return property.kind === 'resource';
    case 'parts':
      return property.kind === 'complex' && property.element.choice === undefined;
    case 'typed':
      if (property.type === value.type) return true;
      // In a choice the type is part of the name; elsewhere a string may stand for a code, and the result is validated.
      return (
        property.kind === 'primitive' &&
        property.element.choice === undefined &&
        PRIMITIVES.has(value.type) &&
        family(property.type) === family(value.type)
      );
  }
}

const NUMBERS: ReadonlySet<string> = new Set([
  ...['decimal', 'integer', 'positiveInt', 'unsignedInt'],
]);

/** Types of a parameter's value that are primitives. */
const PRIMITIVES: ReadonlySet<string> = new Set([
  ...['base64Binary', 'boolean', 'canonical', 'code', 'date', 'dateTime', 'id', 'instant'],
  ...['markdown', 'oid', 'string', 'time', 'uri', 'url', 'uuid', ...NUMBERS],
]);

/** Returns what a primitive is in JSON. */
function family(type: string): 'boolean' | 'number' | 'string' {
  if (type === 'boolean') return 'boolean';
  return NUMBERS.has(type) ? 'number' : 'string';
}
