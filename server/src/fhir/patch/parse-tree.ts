import type { JsonArray, JsonEntry, JsonMember, JsonNode, JsonObject } from './json-tree.ts';

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /"(?:[^"\\]|\\.)*"|[^,\]}\s]+/y;
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
    return { kind: 'scalar', text: this.#take(SCALAR) };
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
      const nameText = this.#take(STRING);
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

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new Error('the text is not scanned JSON');
    this.#position += found.length;
    return found;
  }
}
