const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Names what stands at the cursor; a name or value in quotes is a `string`, any other value without parts a `scalar`. */
type JsonToken = '{' | '}' | '[' | ']' | ',' | ':' | 'string' | 'scalar' | 'end';

/**
 * Goes through a JSON text token by token and converts nothing. The text is one that `scanJson` accepted, or that this
 * server wrote itself: grammar is not checked, and of a text that is no JSON nothing is promised but an end.
 */
export class JsonCursor {
  readonly text: string;
  /** Undefined until `next` is called; stays at `end`. */
  token: JsonToken | undefined = undefined;
  /** Says where the token stands in the text, in UTF-16 units; `to` is exclusive. */
  from = 0;
  to = 0;
  #gapFrom = 0;

  constructor(text: string) {
    this.text = text;
  }

  next(): JsonToken {
    const { text } = this;
    let at = this.to;
    this.#gapFrom = at;
    let unit = text.charCodeAt(at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) {
      at += 1;
      unit = text.charCodeAt(at);
    }
    this.from = at;
    if (unit === QUOTE) {
      this.to = pastQuote(text, at);
      return (this.token = 'string');
    }
    this.to = at + 1;
    switch (unit) {
      case 0x2c:
        return (this.token = ',');
      case 0x3a:
        return (this.token = ':');
      case 0x7b:
        return (this.token = '{');
      case 0x7d:
        return (this.token = '}');
      case 0x5b:
        return (this.token = '[');
      case 0x5d:
        return (this.token = ']');
      default:
        return this.#scalar(at);
    }
  }

  /** The token as it is written: a string with its quotes and escapes. */
  get lexeme(): string {
    return this.text.slice(this.from, this.to);
  }

  /** The white space before the token. */
  get gap(): string {
    return this.text.slice(this.#gapFrom, this.from);
  }

  #scalar(at: number): JsonToken {
    const { text } = this;
    let end = at;
    // Past the end of the text the unit is NaN.
    for (let unit = text.charCodeAt(end); unit > 0x20; unit = text.charCodeAt(end)) {
      if (unit === 0x2c || unit === 0x7d || unit === 0x5d) break;
      end += 1;
    }
    this.to = Math.max(end, Math.min(at + 1, text.length));
    return (this.token = at < text.length ? 'scalar' : 'end');
  }
}

/** By hand: a pattern needs stack for each character, and a string may have millions. */
function pastQuote(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = end;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((end - escapes) % 2 === 0) return end + 1;
  }
  return text.length;
}
