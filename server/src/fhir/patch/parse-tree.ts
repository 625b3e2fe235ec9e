import { JsonCursor } from '../json/json-cursor.ts';
import type { JsonArray, JsonEntry, JsonMember, JsonNode, JsonObject } from './json-tree.ts';

/**
 * The tree of a JSON text that `scanJson` accepted: nothing is checked here, and its limit of depth bounds the
 * recursion. The entry carries the white space around the document.
 */
export function parseTree(text: string): JsonEntry {
  const cursor = new JsonCursor(text);
  cursor.next();
  return entry(cursor);
}

/** A copy that shares nothing with the original. */
export function copyTree(node: JsonNode): JsonNode {
  return structuredClone(node);
}

/** From the first token of the value to past the last. */
function entry(cursor: JsonCursor, before = cursor.gap): JsonEntry {
  const value = read(cursor);
  return { before, value, after: cursor.gap };
}

function read(cursor: JsonCursor): JsonNode {
  switch (cursor.token) {
    case '{':
      return object(cursor);
    case '[':
      return array(cursor);
    case 'string':
    case 'scalar': {
      const text = cursor.lexeme;
      cursor.next();
      return { kind: 'scalar', text };
    }
    default:
      throw new Error('the text is not scanned JSON');
  }
}

function array(cursor: JsonCursor): JsonArray {
  const entries: JsonEntry[] = [];
  const inner = readEntries(cursor, ']', () => entries.push(entry(cursor)));
  return { kind: 'array', entries, inner };
}

function object(cursor: JsonCursor): JsonObject {
  const entries: JsonMember[] = [];
  const inner = readEntries(cursor, '}', () => {
    const { gap: before, lexeme: nameText } = cursor;
    const name = JSON.parse(nameText) as string;
    cursor.next();
    const { gap: beforeColon } = cursor;
    cursor.next();
    const colon = `${beforeColon}:${cursor.gap}`;
    entries.push({ name, nameText, colon, ...entry(cursor, before) });
  });
  return { kind: 'object', entries, inner };
}

/** From the opening to past the closing bracket; gives the white space of a container without entries. */
function readEntries(cursor: JsonCursor, close: ']' | '}', readOne: () => void): string {
  if (cursor.next() === close) {
    const inner = cursor.gap;
    cursor.next();
    return inner;
  }
  for (;;) {
    readOne();
    const { token } = cursor;
    cursor.next();
    if (token === close) return '';
    if (token !== ',') throw new Error('the text is not scanned JSON');
  }
}
