import type { JsonArray, JsonEntry, JsonMember, JsonNode, JsonObject } from './json-tree.ts';

/** Edits that leave every other entry as it was written; new ones are spaced like their neighbours. */

/** @param index from 0 to the number of items */
export function insertItem(array: JsonArray, index: number, value: JsonNode): void {
  place(array.entries, index, { before: '', value, after: '' });
}

export function removeItem(array: JsonArray, index: number): void {
  take(array.entries, index);
  array.inner = '';
}

/** Adds a member that is not there yet: after the one named, or at the end. */
export function insertMember(
  object: JsonObject,
  name: string,
  value: JsonNode,
  after?: string,
): void {
  const position = after === undefined ? -1 : object.entries.findIndex((e) => e.name === after);
  const index = position < 0 ? object.entries.length : position + 1;
  const nameText = JSON.stringify(name);
  const colon = object.entries.at(index - 1)?.colon ?? ':';
  const made: JsonMember = { before: '', name, nameText, colon, value, after: '' };
  place(object.entries, index, made);
}

/** Removes a member; one that is not there is none. */
export function removeMember(object: JsonObject, name: string): void {
  const index = object.entries.findIndex((entry) => entry.name === name);
  if (index < 0) return;
  take(object.entries, index);
  object.inner = '';
}

/** The value of a member, new or replaced where it stands. */
export function setMember(object: JsonObject, name: string, value: JsonNode, after?: string): void {
  const present = object.entries.find((entry) => entry.name === name);
  if (present) present.value = value;
  else insertMember(object, name, value, after);
}

export function renameMember(present: JsonMember, name: string): void {
  present.name = name;
  present.nameText = JSON.stringify(name);
}

function place<E extends JsonEntry>(entries: E[], index: number, entry: E): void {
  const last = entries.at(-1);
  entry.before = (entries[index] ?? last)?.before ?? '';
  if (index === entries.length && last !== undefined) {
    // The space before the closing bracket stays there.
    entry.after = last.after;
    last.after = '';
  }
  entries.splice(index, 0, entry);
}

/** The space after the opening and before the closing bracket stays there. */
function take(entries: JsonEntry[], index: number): void {
  const [removed] = entries.splice(index, 1);
  const first = entries[0];
  const last = entries.at(-1);
  if (removed === undefined || first === undefined || last === undefined) return;
  if (index === 0) first.before = removed.before;
  if (index === entries.length) last.after = removed.after;
}
