import type { TypeModel } from '../type-model.ts';

const known = new WeakMap<TypeModel, ReadonlyMap<string, number>>();

/** Tells where each JSON property of a type stands among its elements; those of one choice stand at the same place. */
export function elementPositions(model: TypeModel): ReadonlyMap<string, number> {
  const ready = known.get(model);
  if (ready !== undefined) return ready;
  const positions = new Map<string, number>();
  const elements = new Map<unknown, number>();
  for (const [name, { element }] of model.properties) {
    if (!elements.has(element)) elements.set(element, elements.size);
    positions.set(name, elements.get(element) ?? 0);
  }
  known.set(model, positions);
  return positions;
}

/** Tells whether XML writes a property as an attribute (R4 xml.html). */
export function isAttribute(model: TypeModel, name: string): boolean {
  return (
    (name === 'id' && model.kind !== 'resource') || (name === 'url' && model.name === 'Extension')
  );
}

export const FHIR = 'http://hl7.org/fhir';
export const XHTML = 'http://www.w3.org/1999/xhtml';
