import type { TypeModels } from '../type-model.ts';
import { addChild, contentFor, Misfit, propertyFor } from './build-content.ts';
import { insertMember, removeMember, renameMember } from './edit-tree.ts';
import {
  fieldsOf,
  modelOf,
  propertiesNamed,
  rootElement,
  type Element,
  type PropertyPlace,
} from './element.ts';
import { ElementList, type Content } from './element-list.ts';
import type { FhirPathOperation } from './fhirpath-operations.ts';
import { emptyObject, member, type JsonObject } from './json-tree.ts';
import { NoSuchElement, type Path } from './locate.ts';
import { inapplicable } from './patch-fault.ts';
import { Work } from './work.ts';

/**
 * Does the operations of a FHIRPath Patch one after the other to a resource of its own:
 * http://hl7.org/fhir/R4/fhirpatch.html. An element is its value with its id and extensions; what an operation leaves
 * empty goes with it.
 *
 * @throws FhirError `unprocessable` naming the operation, `too-costly`; the resource is then of no use
 * @rule FHIRPath Patch
 */
export function applyFhirPathPatch(
  models: TypeModels,
  resource: JsonObject,
  operations: readonly FhirPathOperation[],
): void {
  const work = new Work();
  operations.forEach((operation, index) => {
    try {
      apply(models, operation, { root: rootElement(resource), work });
    } catch (error) {
      if (error instanceof Misfit || error instanceof NoSuchElement) {
        throw inapplicable(index, error.message);
      }
      throw error;
    }
  });
}

function apply(models: TypeModels, operation: FhirPathOperation, within: Within): void {
  const { root, work } = within;
  switch (operation.type) {
    case 'add': {
      const owner = single(operation.path.locate(root, work));
      addChild(models, { owner, fields: fieldsFor(owner) }, operation);
      return;
    }
    case 'insert': {
      const { owner, fields, property } = listAt(models, operation.path, within);
      const list = new ElementList(fields, property);
      if (operation.index > list.length) throw new Misfit('the index lies beyond the list');
      const { value } = operation;
      propertyFor(models, owner, { name: property.name, value });
      const content = contentFor(models, { owner, property }, value);
      list.insert(operation.index, content);
      return;
    }
    case 'delete': {
      const found = operation.path.locate(root, work);
      if (found.length > 0) remove(single(found));
      return;
    }
    case 'replace':
      replace(models, single(operation.path.locate(root, work)), operation);
      return;
    case 'move': {
      const { fields, property } = listAt(models, operation.path, within);
      const list = new ElementList(fields, property);
      if (operation.source >= list.length || operation.destination >= list.length) {
        throw new Misfit('source or destination lies beyond the list');
      }
      list.move(operation.source, operation.destination);
    }
  }
}

interface Within {
  readonly root: Element;
  readonly work: Work;
}

function single(found: readonly Element[]): Element {
  const [element] = found;
  if (element === undefined) throw new Misfit('there is nothing at the path');
  if (found.length > 1) throw new Misfit('the path names more than one element');
  return element;
}

/** The whole list that a path names; an empty one is named by its property. */
function listAt(
  models: TypeModels,
  path: Path,
  within: Within,
): Pick<PropertyPlace, 'owner' | 'fields' | 'property'> {
  const found = path.locate(within.root, within.work);
  const place = found[0]?.place;
  if (place === undefined) return emptyListAt(models, path, within);
  const { fields, property } = place;
  const whole =
    property.many &&
    new ElementList(fields, property).length === found.length &&
    found.every((one) => one.place?.fields === fields && one.place.property === property);
  if (!whole) throw new Misfit('the path must name one whole list');
  return place;
}

function emptyListAt(
  models: TypeModels,
  { last }: Path,
  { root, work }: Within,
): Pick<PropertyPlace, 'owner' | 'fields' | 'property'> {
  if (last === undefined) throw new Misfit('there is nothing at the path');
  const owner = single(last.parent.locate(root, work));
  const model = modelOf(models, owner);
  const [property] = model === undefined ? [] : propertiesNamed(model, last.name);
  if (property?.many !== true) throw new Misfit('the path must name a list');
  return { owner, fields: fieldsFor(owner), property };
}

/** Tells where the children of an element go; a primitive gets its `_` twin for them. */
function fieldsFor(element: Element): JsonObject {
  const present = fieldsOf(element);
  if (present !== undefined) return present;
  const { place } = element;
  if (place === undefined) throw new Misfit('the element has no children');
  const twin = emptyObject();
  put(place, { node: element.node, twin });
  return twin;
}

function replace(
  models: TypeModels,
  { place }: Element,
  { value }: FhirPathOperation & { type: 'replace' },
): void {
  if (place === undefined) throw new Misfit('a patch cannot replace the whole resource');
  const { owner, fields, property: old } = place;
  const property = propertyFor(models, owner, { name: old.element.name, value });
  const content = contentFor(models, { owner, property }, value);
  if (property !== old) {
    // Another type of the same choice: its name changes where it stands.
    for (const [from, to] of [
      [old.name, property.name],
      [`_${old.name}`, `_${property.name}`],
    ] as const) {
      const entry = member(fields, from);
      if (entry) renameMember(entry, to);
    }
  }
  put({ ...place, property }, content);
}

/** Gives an element its content where it is. */
function put({ fields, property, index }: PropertyPlace, content: Content): void {
  if (index !== undefined) {
    new ElementList(fields, property).replace(index, content);
    return;
  }
  const twinName = `_${property.name}`;
  for (const [name, value, after] of [
    [property.name, content.node, twinName],
    [twinName, content.twin, property.name],
  ] as const) {
    const present = member(fields, name);
    if (value === undefined) removeMember(fields, name);
    else if (present) present.value = value;
    else insertMember(fields, name, value, after);
  }
}

/** Removes an element, and what it leaves empty. */
function remove({ place }: Element): void {
  if (place === undefined) throw new Misfit('a patch cannot delete the whole resource');
  const { owner, fields, property, index } = place;
  if (index !== undefined) new ElementList(fields, property).remove(index);
  else put(place, { node: undefined, twin: undefined });
  if (fields.entries.length > 0 || owner.place === undefined) return;
  if (owner.primitive && owner.node !== undefined) {
    put(owner.place, { node: owner.node, twin: undefined });
  } else remove(owner);
}
