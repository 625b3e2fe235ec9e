import type { Property, TypeModels } from '../../fhir/type-model.ts';
import type { Step } from './element-path.ts';

/** Is where an expression may lead: to an element, or to a value that it makes itself. */
export interface Destination {
  readonly steps: readonly Step[];
  /** R4 types of what is there. */
  readonly types: readonly string[];
  /** The types are those of a value that the expression makes. */
  readonly made?: true;
}

export interface Leading {
  readonly models: TypeModels;
  readonly base: string;
  /** Becomes false at the first thing that walking the steps does not do. */
  plain: boolean;
  /** A name such as `valueCoding`, which steps take and FHIRPath does not have. */
  typed?: string;
}

/** The place of an element inside; undefined where there is none of the name. */
export function stepTo(place: Destination, name: string, on: Leading): Destination | undefined {
  if (place.made) return undefined;
  // A step after a condition on where a reference leads is beyond the last one.
  if (place.steps.at(-1)?.target !== undefined) on.plain = false;
  const found = new Map<string, { readonly name: string; readonly type: string }>();
  for (const type of place.types) {
    const model = on.models.get(type);
    const isPrimitive = model?.kind === 'primitive';
    const owner = isPrimitive ? on.models.get('Element') : model;
    for (const property of owner?.properties.values() ?? []) {
      if (!isNamed(property, name)) continue;
      // Elements of a primitive stand in its twin, where no step leads.
      if (isPrimitive) on.plain = false;
      if (property.element.name !== name) on.typed = name;
      const { name: member, type: leaf } = property;
      found.set(`${member} ${leaf}`, { name: member, type: leaf });
    }
  }
  if (found.size === 0) return undefined;
  const properties = [...found.values()];
  // A `code` is a Coding in one type and a code in another: only the engine knows in which type it stands.
  if (new Set(properties.map((each) => each.name)).size < properties.length) on.plain = false;
  return { steps: [...place.steps, { properties }], types: typesOf(properties) };
}

/** Guides write `valueCoding`, too, for what FHIRPath calls `value.ofType(Coding)`. */
function isNamed({ name, element }: Property, wanted: string): boolean {
  return element.name === wanted || (element.choice === true && name === wanted);
}

function typesOf(properties: readonly { readonly type: string }[]): readonly string[] {
  return [...new Set(properties.map(({ type }) => type))];
}

/** Returns what of a place is of a type; undefined where nothing can be. */
export function ofType(place: Destination, type: string, on: Leading): Destination | undefined {
  const last = place.steps.at(-1);
  if (last === undefined || place.made) {
    on.plain = false;
    return place.types.includes(type) ? place : undefined;
  }
  // R4 once writes DateTime for dateTime.
  const isExactly = (each: { readonly type: string }): boolean =>
    each.type.toLowerCase() === type.toLowerCase();
  const exactly = last.properties.filter(isExactly);
  if (exactly.length > 0) return withProperties(place, exactly);
  on.plain = false;
  const { models } = on;
  const kinds = last.properties.flatMap((property) => {
    if (isKindOf(models, property.type, type)) return [property];
    return isKindOf(models, type, property.type) ? [{ ...property, type }] : [];
  });
  return kinds.length > 0 ? withProperties(place, kinds) : undefined;
}

function withProperties(
  place: Destination,
  properties: readonly { readonly name: string; readonly type: string }[],
): Destination {
  const last = { ...place.steps.at(-1), properties };
  return { steps: [...place.steps.slice(0, -1), last], types: typesOf(properties) };
}

/** Tells whether a type is another one or specialises it. */
export function isKindOf(models: TypeModels, type: string, other: string): boolean {
  for (let next: string | undefined = type; next !== undefined; next = models.get(next)?.base) {
    if (next === other) return true;
  }
  return false;
}
