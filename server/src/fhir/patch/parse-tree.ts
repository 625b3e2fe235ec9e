import type { JsonArray, JsonEntry, JsonMember, JsonNode, JsonObject } from './json-tree.ts';

const SPACE = /[ \t\n\r]*/y;
const NUMBER_OR_NAME = /[^,\]}\s]+/y;
const COLON = /[ \t\n\r]*:[ \t\n\r]*/y;

/**
 * The tree of a JSON text that `scanJson` accepted: nothing is checked here, and its limit of depth bounds the
 * recursion. The entry carries the white space around the document.
 */
export function parseTree(text: string): JsonEntry {
  return new TreeParser(text).document();
}

/** A copy that shares nothing with the original. */
export function copyTree(node: JsonNode): JsonNode {
  return structuredClone(node);
}

class TreeParser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonEntry {
    const before = this.#take(SPACE);
    const value = this.#value();
    return { before, value, after: this.#take(SPACE) };
  }

  #value(): JsonNode {
    const next = this.#text[this.#position];
    if (next === '{') return this.#object();
    if (next === '[') return this.#array();
    const text = next === '"' ? this.#string() : this.#take(NUMBER_OR_NAME);
    return { kind: 'scalar', text };
  }

  #array(): JsonArray {
    const entries: JsonEntry[] = [];
    const inner = this.#entries(']', (before) => {
      entries.push({ before, value: this.#value(), after: this.#take(SPACE) });
    });
    return { kind: 'array', entries, inner };
  }

  #object(): JsonObject {
    const entries: JsonMember[] = [];
    const inner = this.#entries('}', (before) => {
      const nameText = this.#string();
      const colon = this.#take(COLON);
      const name = JSON.parse(nameText) as string;
      const value = this.#value();
      entries.push({ before, name, nameText, colon, value, after: this.#take(SPACE) });
    });
    return { kind: 'object', entries, inner };
  }

  /** From the opening to past the closing bracket; gives the white space of a container without entries. */
  #entries(close: ']' | '}', read: (before: string) => void): string {
    this.#position += 1;
    const inner = this.#take(SPACE);
    if (this.#text[this.#position] === close) {
      this.#position += 1;
      return inner;
    }
    for (let before = inner; ; before = this.#take(SPACE)) {
      read(before);
      this.#position += 1;
      if (this.#text[this.#position - 1] === close) return '';
    }
  }

  /** By hand: a pattern needs stack for each character, and a string may have millions. */
  #string(): string {
    const start = this.#position;
    let end = start;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) throw new Error('the text is not scanned JSON');
    } while (this.#escaped(end));
    this.#position = end + 1;
    return this.#text.slice(start, end + 1);
  }

  /** Whether an odd number of backslashes stands before a position. */
  #escaped(at: number): boolean {
    let before = at;
    while (this.#text[before - 1] === '\\') before -= 1;
    return (at - before) % 2 === 1;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new Error('the text is not scanned JSON');
    this.#position += found.length;
    return found;
  }
}
