const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_OBJECT, OPEN_ARRAY, CLOSE_OBJECT, CLOSE_ARRAY] = [0x7b, 0x5b, 0x7d, 0x5d];
/** White space of JSON, and nothing else outside strings, is this or less. */
const SPACE = 0x20;

/** Says where something lies in JSON, in bytes; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds where the values of the members of a JSON object lie, by name: nothing is copied, and a long string is passed in
 * one step. The JSON is one that was scanned strictly before, as all that is stored was.
 */
export function memberSpans(json: Buffer): ReadonlyMap<string, Span> {
  const found = new Map<string, Span>();
  let depth = 0;
  let name = '';
  let start: number | undefined;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) {
      const end = pastQuote(json, at);
      if (depth === 1 && start === undefined) name = String(valueAt(json, { start: at, end }));
      at = end - 1;
    } else if (byte === COLON) {
      if (depth === 1) start = at + 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
    } else if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 1 && start !== undefined) {
        found.set(name, trimmed(json, { start, end: at }));
        start = undefined;
      }
      if (byte !== COMMA) depth -= 1;
    }
  }
  return found;
}

/** Reads a value that lies there. */
export function valueAt(json: Buffer, { start, end }: Span): unknown {
  return JSON.parse(json.toString('utf8', start, end));
}

/** Says where a string lies between its quotes; undefined for a value that is none. */
export function insideQuotes(json: Buffer, { start, end }: Span): Span | undefined {
  return json[start] === QUOTE ? { start: start + 1, end: end - 1 } : undefined;
}

function trimmed(json: Buffer, span: Span): Span {
  let { start, end } = span;
  while (start < end && (json[start] ?? 0) <= SPACE) start += 1;
  while (end > start && (json[end - 1] ?? 0) <= SPACE) end -= 1;
  return { start, end };
}

function pastQuote(json: Buffer, open: number): number {
  for (let end = json.indexOf(QUOTE, open + 1); ; end = json.indexOf(QUOTE, end + 1)) {
    if (end < 0) return json.length;
    let escapes = end;
    while (json[escapes - 1] === BACKSLASH) escapes -= 1;
    if ((end - escapes) % 2 === 0) return end + 1;
  }
}
