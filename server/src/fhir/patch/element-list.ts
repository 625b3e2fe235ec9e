import type { Property } from '../type-model.ts';
import { arrayOf } from './element.ts';
import { insertItem, removeItem, removeMember, setMember } from './edit-tree.ts';
import { emptyArray, isNull, member, NULL, type JsonNode, type JsonObject } from './json-tree.ts';

/** Holds what an element is in JSON: its value and, of a primitive, id and extensions. */
export interface Content {
  readonly node: JsonNode | undefined;
  readonly twin: JsonNode | undefined;
}

/**
 * A repeating element. A list of primitives lies in two JSON arrays side by side, with null where one has nothing:
 * http://hl7.org/fhir/R4/json.html#primitive
 */
export class ElementList {
  readonly #fields: JsonObject;
  readonly #names: readonly [value: string, twin: string];

  constructor(fields: JsonObject, property: Property) {
    this.#fields = fields;
    this.#names = [property.name, `_${property.name}`];
  }

  get length(): number {
    return Math.max(...this.#names.map((name) => this.#array(name)?.entries.length ?? 0));
  }

  /** @param index from 0 to the length */
  insert(index: number, { node, twin }: Content): void {
    const [values, twins] = this.#names;
    this.#insert(values, index, node);
    this.#insert(twins, index, twin, values);
  }

  /** @param index of an item */
  remove(index: number): Content {
    const [node, twin] = this.#names.map((name) => {
      const array = this.#array(name);
      const value = array?.entries[index]?.value;
      if (array !== undefined && value !== undefined) removeItem(array, index);
      return isNull(value) ? undefined : value;
    });
    for (const name of this.#names) this.#dropWithoutContent(name);
    return { node, twin };
  }

  /** @param destination position after the move */
  move(source: number, destination: number): void {
    // Both arrays move, so that neither is dropped for holding nulls in between.
    for (const name of this.#names) {
      const array = this.#array(name);
      if (array === undefined) continue;
      while (array.entries.length < this.length) insertItem(array, array.entries.length, NULL);
      const value = array.entries[source]?.value;
      if (value === undefined) continue;
      removeItem(array, source);
      insertItem(array, destination, value);
    }
  }

  /** Puts other content where an item is. */
  replace(index: number, content: Content): void {
    const [values, twins] = this.#names;
    this.#set(values, index, content.node);
    this.#set(twins, index, content.twin, values);
    for (const name of this.#names) this.#dropWithoutContent(name);
  }

  #insert(name: string, index: number, value: JsonNode | undefined, after?: string): void {
    const array = this.#array(name);
    if (value === undefined) {
      if (array !== undefined && index < array.entries.length) insertItem(array, index, NULL);
      return;
    }
    insertItem(this.#filled(name, index, after), index, value);
  }

  #set(name: string, index: number, value: JsonNode | undefined, after?: string): void {
    if (value === undefined && this.#array(name)?.entries[index] === undefined) return;
    const array = this.#filled(name, index + 1, after);
    const entry = array.entries[index];
    if (entry !== undefined) entry.value = value ?? NULL;
  }

  /** The array, made when missing, with at least so many items. */
  #filled(name: string, length: number, after?: string): ArrayNode {
    let array = this.#array(name);
    if (array === undefined) {
      array = emptyArray();
      setMember(this.#fields, name, array, after);
    }
    while (array.entries.length < length) insertItem(array, array.entries.length, NULL);
    return array;
  }

  #array(name: string): ArrayNode | undefined {
    return arrayOf(member(this.#fields, name)?.value);
  }

  /** An array must not be empty or hold nulls only. */
  #dropWithoutContent(name: string): void {
    const array = this.#array(name);
    if (array?.entries.every(({ value }) => isNull(value))) removeMember(this.#fields, name);
  }
}

type ArrayNode = NonNullable<ReturnType<typeof arrayOf>>;
