import { containedIn, outermost } from './contained.ts';
import { elementsOf } from './elements.ts';
import type { Element } from './element.ts';
import { text } from './official.ts';
import type { Json } from './official.ts';
import type { Parameter } from './parameters.ts';
import { referenceText, isOurs } from './references.ts';

/** A current resource; `meta.lastUpdated` in it is what the store is told too. */
export interface Held {
  readonly type: string;
  readonly id: string;
  readonly resource: Json;
}

/** Resources in memory, with what parameters select of them, found once. */
export class Corpus {
  readonly all: readonly Held[];
  readonly #byType: ReadonlyMap<string, readonly Held[]>;
  readonly #byPath: ReadonlyMap<string, Held>;
  readonly #targets = new WeakMap<readonly Element[], readonly string[]>();
  readonly #elements = new Map<Held, Map<Parameter, readonly Element[]>>();
  readonly #inside = new Map<Held, readonly Held[]>();

  constructor(all: readonly Held[]) {
    this.all = all;
    this.#byType = Map.groupBy(all, ({ type }) => type);
    this.#byPath = new Map(all.map((held) => [`${held.type}/${held.id}`, held]));
  }

  types(): readonly string[] {
    return [...this.#byType.keys()].sort();
  }

  of(type: string): readonly Held[] {
    return this.#byType.get(type) ?? [];
  }

  elements(held: Held, parameter: Parameter): readonly Element[] {
    const known = this.#elements.get(held) ?? new Map<Parameter, readonly Element[]>();
    this.#elements.set(held, known);
    const found = known.get(parameter) ?? elementsOf(held.resource, parameter);
    known.set(parameter, found);
    return found;
  }

  /** Whether this is a resource of its own, and not one inside of another that may have the same name. */
  has(held: Held): boolean {
    return this.#byPath.get(`${held.type}/${held.id}`) === held;
  }

  /**
   * Resources that a chain through a parameter leads to: those referred to that are here, and those that stand inside
   * (https://hl7.org/fhir/R4/search.html#contained).
   */
  reached(held: Held, parameter: Parameter): readonly Held[] {
    return this.elements(held, parameter).flatMap((element) => {
      const inside = insideOf(element, held.resource);
      if (inside !== undefined) {
        return [heldInside(inside)];
      }
      const target = this.#byPath.get(isOurs(referenceText(element) ?? '') ?? '');
      return target === undefined ? [] : [target];
    });
  }

  /** The resources that this one contains, each as if it were held by itself. */
  inside(held: Held): readonly Held[] {
    const known = this.#inside.get(held) ?? containedIn(held.resource).map(heldInside);
    this.#inside.set(held, known);
    return known;
  }

  /** Where literal references of a parameter lead, as `Type/id`. */
  targets(held: Held, parameter: Parameter): readonly string[] {
    const elements = this.elements(held, parameter);
    const known = this.#targets.get(elements);
    if (known !== undefined) return known;
    const found = elements.flatMap((element) => {
      if (text((element.value as Json)['resourceType']) !== undefined) return [];
      const target = isOurs(referenceText(element) ?? '');
      return target === undefined ? [] : [target];
    });
    this.#targets.set(elements, found);
    return found;
  }
}

/** The resource that an element is, or that it refers to within its own resource. */
function insideOf({ type, value }: Element, resource: Json): Json | undefined {
  const json = value as Json;
  if (text(json['resourceType']) !== undefined) return json;
  const literal = type === 'Reference' ? text(json['reference']) : text(value);
  if (literal?.startsWith('#') !== true) return undefined;
  return containedIn(outermost(resource)).find(({ id }) => id === literal.slice(1));
}

function heldInside(resource: Json): Held {
  return { type: text(resource['resourceType']) ?? '', id: text(resource['id']) ?? '', resource };
}
