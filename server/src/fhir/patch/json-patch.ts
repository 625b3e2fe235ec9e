import { insertItem, insertMember, removeItem, removeMember } from './edit-tree.ts';
import { jsonEqual } from './json-equal.ts';
import type { JsonPatchOperation } from './json-patch-operations.ts';
import { member, type JsonEntry, type JsonNode } from './json-tree.ts';
import { copyTree } from './parse-tree.ts';
import { inapplicable } from './patch-fault.ts';

type Pointer = readonly string[];

/**
 * Does the operations of a JSON Patch (RFC 6902) one after the other to a document of its own.
 *
 * @throws FhirError `unprocessable` naming the operation; the document is then of no use
 */
export function applyJsonPatch(
  document: JsonEntry,
  operations: readonly JsonPatchOperation[],
): void {
  operations.forEach((operation, index) => new Step(document, index).apply(operation));
}

class Step {
  readonly #document: JsonEntry;
  readonly #index: number;

  constructor(document: JsonEntry, index: number) {
    this.#document = document;
    this.#index = index;
  }

  apply(operation: JsonPatchOperation): void {
    switch (operation.op) {
      case 'add':
        this.#add(operation.path, copyTree(operation.value));
        return;
      case 'remove':
        this.#remove(operation.path);
        return;
      case 'replace':
        this.#entry(operation.path).value = copyTree(operation.value);
        return;
      case 'copy':
        this.#add(operation.path, copyTree(this.#entry(operation.from).value));
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
    const { value } = this.#entry(from);
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
