/**
 * JSON that remembers how it was written: numbers and strings keep their lexemes, containers the white space between
 * their entries. Printing a tree that was not edited gives the text it was read from.
 */
export type JsonNode = JsonScalar | JsonArray | JsonObject;

export interface JsonScalar {
  readonly kind: 'scalar';
  /** As written: `1.00`, `"a\u00e9"`, `null`. */
  readonly text: string;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly entries: JsonEntry[];
  /** White space of an empty array. */
  inner: string;
}

export interface JsonObject {
  readonly kind: 'object';
  readonly entries: JsonMember[];
  /** White space of an empty object. */
  inner: string;
}

/** A value between two commas or brackets, with the white space around it. */
export interface JsonEntry {
  before: string;
  value: JsonNode;
  after: string;
}

export interface JsonMember extends JsonEntry {
  name: string;
  /** The name as written, with its quotes. */
  nameText: string;
  /** The colon and the white space around it. */
  colon: string;
}

export const NULL: JsonScalar = { kind: 'scalar', text: 'null' };

export function emptyObject(): JsonObject {
  return { kind: 'object', entries: [], inner: '' };
}

export function emptyArray(): JsonArray {
  return { kind: 'array', entries: [], inner: '' };
}

export function isNull(node: JsonNode | undefined): boolean {
  return node?.kind === 'scalar' && node.text === 'null';
}

export function member(object: JsonObject, name: string): JsonMember | undefined {
  return object.entries.find((entry) => entry.name === name);
}

/** The text of a value as it stands in its document. */
export function print(node: JsonNode): string {
  switch (node.kind) {
    case 'scalar':
      return node.text;
    case 'array':
      return `[${node.entries.length === 0 ? node.inner : node.entries.map(printEntry).join(',')}]`;
    case 'object':
      return `{${node.entries.length === 0 ? node.inner : node.entries.map(printMember).join(',')}}`;
  }
}

export function printEntry({ before, value, after }: JsonEntry): string {
  return before + print(value) + after;
}

function printMember({ before, nameText, colon, value, after }: JsonMember): string {
  return before + nameText + colon + print(value) + after;
}

/** Tells how many objects and arrays lie inside each other; 0 for a scalar. */
export function depthOf(node: JsonNode): number {
  if (node.kind === 'scalar') return 0;
  return node.entries.reduce((deepest, { value }) => Math.max(deepest, 1 + depthOf(value)), 1);
}

/** The text of a string; undefined for any other value. */
export function stringOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.text.startsWith('"')
    ? (JSON.parse(node.text) as string)
    : undefined;
}
