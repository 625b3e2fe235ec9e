import { elementsOf } from './elements.ts';
import type { Element } from './elements.ts';
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
  readonly #elements = new Map<Held, Map<Parameter, readonly Element[]>>();

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

  /** Resources that a parameter leads to: those referred to that are here, and those that stand inside. */
  reached(held: Held, parameter: Parameter): readonly Held[] {
    return this.elements(held, parameter).flatMap((element) => {
      const inside = element.value as Json;
      const [type, id] = [text(inside['resourceType']), text(inside['id'])];
      if (type !== undefined) return [{ type, id: id ?? '', resource: inside }];
      const target = this.#byPath.get(isOurs(referenceText(element) ?? '') ?? '');
      return target === undefined ? [] : [target];
    });
  }

  /** Where literal references of a parameter lead, as `Type/id`. */
  targets(held: Held, parameter: Parameter): readonly string[] {
    return this.elements(held, parameter).flatMap((element) => {
      if (text((element.value as Json)['resourceType']) !== undefined) return [];
      const target = isOurs(referenceText(element) ?? '');
      return target === undefined ? [] : [target];
    });
  }
}
