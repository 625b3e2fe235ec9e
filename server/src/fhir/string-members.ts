const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/** Says where a string lies in JSON, from behind its first quote to its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds where the strings lie that are members of a JSON object, by name: nothing is copied, and a long string is passed
 * in one step. The JSON is one that was scanned strictly before, as all that is stored was.
 */
export function stringMembers(json: Buffer): ReadonlyMap<string, Span> {
  const found = new Map<string, Span>();
  let depth = 0;
  let name: string | undefined;
  let isValue = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      const span = { start: at + 1, end: closingQuote(json, at) };
      if (depth === 1 && !isValue) name = json.toString('utf8', span.start, span.end);
      else if (depth === 1 && name !== undefined) found.set(name, span);
      isValue = false;
      at = span.end;
    } else if (byte === COLON) isValue = true;
    else if (OPENING.has(byte)) {
      depth += 1;
      isValue = false;
    } else if (CLOSING.has(byte)) depth -= 1;
    else if (byte === COMMA) isValue = false;
  }
  return found;
}

function closingQuote(json: Buffer, open: number): number {
  for (let end = json.indexOf(QUOTE, open + 1); ; end = json.indexOf(QUOTE, end + 1)) {
    if (end < 0) return json.length;
    let escapes = end;
    while (json[escapes - 1] === BACKSLASH) escapes -= 1;
    if ((end - escapes) % 2 === 0) return end;
  }
}
