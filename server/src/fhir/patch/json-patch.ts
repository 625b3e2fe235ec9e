import { insertItem, insertMember, removeItem, removeMember } from './edit-tree.ts';
import { jsonEqual } from './json-equal.ts';
import type { JsonPatchOperation } from './json-patch-operations.ts';
import { depthOf, member, print, type JsonEntry, type JsonNode } from './json-tree.ts';
import { copyTree } from './parse-tree.ts';
import { inapplicable } from './patch-fault.ts';

type Pointer = readonly string[];

/** A document may not become deeper than what is accepted, nor be copied into itself again and again. */
const DEEPEST = 64;
const MOST_COPIED = 10_000_000;

/**
 * Does the operations of a JSON Patch (RFC 6902) one after the other to a document of its own.
 *
 * @throws FhirError `unprocessable` naming the operation; the document is then of no use
 * @rule JSON Patch
 */
export function applyJsonPatch(
  document: JsonEntry,
  operations: readonly JsonPatchOperation[],
): void {
  const copied = { characters: 0 };
  operations.forEach((operation, index) => new Step(document, index, copied).apply(operation));
}

class Step {
  readonly #document: JsonEntry;
  readonly #index: number;
  readonly #copied: { characters: number };

  constructor(document: JsonEntry, index: number, copied: { characters: number }) {
    this.#document = document;
    this.#index = index;
    this.#copied = copied;
  }

  apply(operation: JsonPatchOperation): void {
    switch (operation.op) {
      case 'add':
        this.#bound(operation.path, operation.value);
        this.#add(operation.path, copyTree(operation.value));
        return;
      case 'remove':
        this.#remove(operation.path);
        return;
      case 'replace':
        this.#bound(operation.path, operation.value);
        this.#entry(operation.path).value = copyTree(operation.value);
        return;
      case 'copy':
        this.#add(operation.path, copyTree(this.#charged(operation.from, operation.path)));
        return;
      case 'move':
        this.#move(operation.from, operation.path);
        return;
      case 'test':
        if (!jsonEqual(this.#entry(operation.path).value, operation.value)) {
          throw this.#fault('the value is not the one the test expects');
        }
    }
  }

  /** The value to copy, or to move deeper. */
  #charged(from: Pointer, path: Pointer): JsonNode {
    const { value } = this.#entry(from);
    this.#copied.characters += print(value).length;
    if (this.#copied.characters > MOST_COPIED) throw this.#fault('too much is copied');
    this.#bound(path, value);
    return value;
  }

  #bound(path: Pointer, value: JsonNode): void {
    if (path.length + depthOf(value) > DEEPEST) throw this.#fault('the resource gets too deep');
  }

  #add(path: Pointer, value: JsonNode): void {
    const last = path.at(-1);
    if (last === undefined) {
      this.#document.value = value;
      return;
    }
    const parent = this.#entry(path.slice(0, -1)).value;
    if (parent.kind === 'array') {
      const { length } = parent.entries;
      const index = last === '-' ? length : arrayIndex(last);
      if (index === undefined || index > length) throw this.#fault('no such place in the list');
      insertItem(parent, index, value);
    } else if (parent.kind === 'object') {
      const present = member(parent, last);
      if (present) present.value = value;
      else insertMember(parent, last, value);
    } else throw this.#fault('the path leads into a value that has no members');
  }

  #remove(path: Pointer): void {
    const last = path.at(-1);
    if (last === undefined) throw this.#fault('the whole resource cannot be removed');
    this.#entry(path);
    const parent = this.#entry(path.slice(0, -1)).value;
    if (parent.kind === 'array') removeItem(parent, arrayIndex(last) ?? 0);
    else if (parent.kind === 'object') removeMember(parent, last);
  }

  #move(from: Pointer, path: Pointer): void {
    if (from.every((token, at) => path[at] === token)) {
      this.#entry(from);
      if (from.length === path.length) return;
      throw this.#fault('a value cannot be moved into itself');
    }
    const deeper = path.length > from.length;
    const value = deeper ? this.#charged(from, path) : this.#entry(from).value;
    this.#remove(from);
    this.#add(path, value);
  }

  #entry(path: Pointer): JsonEntry {
    let entry: JsonEntry | undefined = this.#document;
    for (const token of path) {
      const { value }: JsonEntry = entry;
      if (value.kind === 'object') entry = member(value, token);
      else if (value.kind === 'array') entry = value.entries[arrayIndex(token) ?? -1];
      else entry = undefined;
      if (entry === undefined) throw this.#fault('there is nothing at the path');
    }
    return entry;
  }

  #fault(detail: string): Error {
    return inapplicable(this.#index, detail);
  }
}

function arrayIndex(token: string): number | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(token) ? Number(token) : undefined;
}
