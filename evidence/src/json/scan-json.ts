import { decodeUtf8 } from './decode-utf8.ts';
import { loneSurrogate, Names, representable } from './json-checks.ts';
import { JsonError, lineAndColumn, type JsonErrorReason } from './json-error.ts';
import type { JsonElement, JsonLimits, JsonMember, ScannedJson } from './json-spans.ts';

const DEFAULT_LIMITS: JsonLimits = { maxDepth: 64 };

/**
 * Strict scan of one JSON object (RFC 8259, in UTF-8). Beyond the grammar it refuses what parsers disagree
 * about: a byte order mark, duplicate member names, escapes in member names, lone surrogates, numbers that a double turns into
 * infinity or zero, and nesting over the limit. Values are looked at, never converted.
 *
 * @throws JsonError with reason and place
 */
export function scanJson(input: Uint8Array | string, limits = DEFAULT_LIMITS): ScannedJson {
  return new JsonScanner(typeof input === 'string' ? input : decodeUtf8(input), limits).scan();
}

/**
 * The same scan, which pauses after each element of the root member `list`, so that a large document need not be
 * scanned in one go. What comes before the end is only as good as what was scanned so far.
 *
 * @throws JsonError as `scanJson` does, while it runs
 */
export function* scanElements(
  input: Uint8Array | string,
  list: string,
  limits = DEFAULT_LIMITS,
): Generator<JsonElement, ScannedJson> {
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  return yield* new JsonScanner(text, limits).scanElements(list);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LOW_SURROGATE = /\\u[dD][c-fC-F][0-9a-fA-F]{2}/y;

class JsonScanner {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #path: (string | number)[] = [];
  #position = 0;
  #resourceType = '';
  #metaMembers: JsonMember[] | undefined;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#maxDepth = limits.maxDepth;
  }

  scan(): ScannedJson {
    const scanning = this.scanElements(undefined);
    for (;;) {
      const { done, value } = scanning.next();
      if (done === true) return value;
    }
  }

  *scanElements(list: string | undefined): Generator<JsonElement, ScannedJson> {
    if (this.#text.charCodeAt(0) === 0xfeff) {
      this.#refuse('byte-order-mark', 'a byte order mark is not allowed');
    }
    const lone = this.#text.isWellFormed() ? -1 : loneSurrogate(this.#text);
    if (lone !== -1) this.#refuse('lone-surrogate', 'half of a surrogate pair', lone);
    this.#skipSpace();
    if (this.#peek() !== '{') {
      if (this.#peek() === '') this.#refuse('unexpected-end', 'the document is empty');
      this.#refuse('not-an-object', 'a JSON object is expected');
    }
    const members = yield* this.#root(list);
    this.#skipSpace();
    if (this.#position < this.#text.length) {
      this.#refuse('trailing-content', 'nothing may follow the document');
    }
    const metaMembers = this.#metaMembers;
    return { text: this.#text, members, ...(metaMembers === undefined ? {} : { metaMembers }) };
  }

  *#root(list: string | undefined): Generator<JsonElement, readonly JsonMember[]> {
    const members: JsonMember[] = [];
    const names = new Names();
    this.#enter();
    if (this.#closes('}')) return members;
    do {
      const { name, nameStart } = this.#memberName(names, 0);
      const valueStart = this.#position;
      if (name === list && this.#peek() === '[') yield* this.#elements();
      else this.#value();
      if (name === 'resourceType') this.#nameRoot(valueStart);
      members.push({ name, nameStart, valueStart, valueEnd: this.#position });
    } while (!this.#more('}'));
    this.#path.length = 0;
    return members;
  }

  *#elements(): Generator<JsonElement> {
    this.#enter();
    if (this.#closes(']')) return;
    for (let index = 0; ; index += 1) {
      this.#path[1] = index;
      const start = this.#position;
      const members: JsonMember[] | undefined = this.#peek() === '{' ? [] : undefined;
      if (members === undefined) this.#value();
      else this.#object(members);
      yield { start, end: this.#position, ...(members === undefined ? {} : { members }) };
      if (this.#more(']')) break;
    }
    this.#path.length = 1;
  }

  #value(): void {
    const text = this.#text;
    switch (text.charCodeAt(this.#position)) {
      case QUOTE:
        this.#string();
        return;
      case 0x7b: {
        const isMeta = this.#path.length === 1 && this.#path[0] === 'meta';
        this.#object(isMeta ? (this.#metaMembers = []) : undefined);
        return;
      }
      case 0x5b:
        this.#array();
        return;
      case 0x74:
      case 0x66:
      case 0x6e:
        LITERAL.lastIndex = this.#position;
        if (!LITERAL.test(text)) this.#refuseHere();
        this.#position = LITERAL.lastIndex;
        return;
      default:
        this.#number();
    }
  }

  #object(spans?: JsonMember[]): void {
    this.#enter();
    const level = this.#path.length;
    const names = new Names();
    if (this.#closes('}')) return;
    do {
      const { name, nameStart } = this.#memberName(names, level);
      const valueStart = this.#position;
      this.#value();
      spans?.push({ name, nameStart, valueStart, valueEnd: this.#position });
    } while (!this.#more('}'));
    this.#path.length = level;
  }

  /** A member's name up to its value. */
  #memberName(names: Names, level: number): { readonly name: string; readonly nameStart: number } {
    this.#path.length = level;
    const nameStart = this.#position;
    if (this.#text.charCodeAt(nameStart) !== QUOTE) this.#refuseHere('a member name');
    const name = this.#name();
    this.#path[level] = name;
    if (!names.add(name)) this.#refuse('duplicate-member', 'a member is repeated', nameStart);
    // V8's JSON.parse (13.6) can take an escaped name for another one it saw in an earlier document.
    if (this.#position - nameStart !== name.length + 2) {
      this.#refuse('escaped-name', 'a member name is written with an escape', nameStart);
    }
    this.#skipSpace();
    if (this.#peek() !== ':') this.#refuseHere('":"');
    this.#position += 1;
    this.#skipSpace();
    return { name, nameStart };
  }

  #array(): void {
    this.#enter();
    const level = this.#path.length;
    if (this.#closes(']')) return;
    for (let index = 0; ; index += 1) {
      this.#path[level] = index;
      this.#value();
      if (this.#more(']')) break;
    }
    this.#path.length = level;
  }

  /** The opening bracket of an object or array. */
  #enter(): void {
    // Every level but the root has its step in the path.
    if (this.#path.length >= this.#maxDepth) {
      this.#refuse('too-deep', `nested more than ${this.#maxDepth} deep`);
    }
    this.#position += 1;
    this.#skipSpace();
  }

  /** Passes the bracket that closes an empty object or array. */
  #closes(bracket: '}' | ']'): boolean {
    if (this.#peek() !== bracket) return false;
    this.#position += 1;
    return true;
  }

  /** After a value: true at the closing bracket, false after a comma. */
  #more(close: '}' | ']'): boolean {
    this.#skipSpace();
    const next = this.#peek();
    if (next !== ',' && next !== close) this.#refuseHere(`"," or "${close}"`);
    this.#position += 1;
    if (next === close) return true;
    this.#skipSpace();
    return false;
  }

  #name(): string {
    const start = this.#position;
    const escaped = this.#string();
    const text = this.#text;
    return escaped
      ? (JSON.parse(text.slice(start, this.#position)) as string)
      : text.slice(start + 1, this.#position - 1);
  }

  /** Passes a string and tells whether it holds escapes. */
  #string(): boolean {
    const text = this.#text;
    let escaped = false;
    let at = this.#position + 1;
    for (; ; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) break;
      if (unit === BACKSLASH) {
        escaped = true;
        at = this.#escape(at) - 1;
      } else if (!(unit >= 0x20)) {
        if (at >= text.length) this.#refuse('unexpected-end', 'a string does not end', at);
        this.#refuse('control-character', 'a control character in a string must be escaped', at);
      }
    }
    this.#position = at + 1;
    return escaped;
  }

  /** End of the escape sequence at `at`; a surrogate pair counts as one. */
  #escape(at: number): number {
    ESCAPE.lastIndex = at;
    if (!ESCAPE.test(this.#text)) this.#refuse('bad-escape', 'no such escape sequence', at);
    const end = ESCAPE.lastIndex;
    if (end !== at + 6) return end;
    const unit = Number.parseInt(this.#text.slice(at + 2, end), 16);
    if (unit < 0xd800 || unit > 0xdfff) return end;
    LOW_SURROGATE.lastIndex = end;
    if (unit > 0xdbff || !LOW_SURROGATE.test(this.#text)) {
      this.#refuse('lone-surrogate', 'half of a surrogate pair', at);
    }
    return end + 6;
  }

  #number(): void {
    NUMBER.lastIndex = this.#position;
    const match = NUMBER.exec(this.#text);
    if (match === null) this.#refuseHere('a value');
    const lexeme = match[0];
    // Only an exponent or very many digits can leave the range of a double.
    if ((match[2] !== undefined || lexeme.length > 300) && !representable(lexeme)) {
      this.#refuse('number', 'a number out of range');
    }
    this.#position += lexeme.length;
  }

  #nameRoot(valueStart: number): void {
    const type = /^"([A-Za-z]{1,64})"$/.exec(this.#text.slice(valueStart, this.#position));
    this.#resourceType = type?.[1] ?? '';
  }

  #skipSpace(): void {
    const text = this.#text;
    for (;;) {
      const unit = text.charCodeAt(this.#position);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#position += 1;
    }
  }

  #peek(): string {
    return this.#text.charAt(this.#position);
  }

  #refuseHere(expected?: string): never {
    if (this.#position >= this.#text.length) {
      this.#refuse('unexpected-end', 'the document ends too early', this.#text.length);
    }
    const what = expected === undefined ? 'not JSON' : `not JSON: ${expected} is expected`;
    this.#refuse('syntax', what);
  }

  #refuse(reason: JsonErrorReason, detail: string, position = this.#position): never {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    const path = `${this.#resourceType}${steps.join('')}`.replace(/^\./, '');
    throw new JsonError(reason, detail, { position, path, ...lineAndColumn(this.#text, position) });
  }
}
