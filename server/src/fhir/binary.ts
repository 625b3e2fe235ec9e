import { isAscii } from 'node:buffer';
import { insideQuotes, memberSpans, valueAt, type Span } from './json/member-spans.ts';
import { parseMediaType } from './media-type.ts';

/** Content of a Binary, apart from the resource around it (R4 binary.html). */
export interface BinaryContent {
  /** Fit for a header. */
  readonly contentType: string;
  /** The content: at once where it is small or has to be, otherwise in pieces. */
  readonly decode: () => Uint8Array | DecodedPieces;
}

/** Pieces that follow each other, each decoded when it is asked for. @throws Error for what is no base64 */
export interface DecodedPieces extends Iterable<Uint8Array> {
  /** Says how many bytes all of them have, without decoding any. */
  readonly bytes: number;
}

/** Holds what a Binary says of its content. */
export interface BinaryFacts {
  readonly id?: string;
  readonly contentType: string;
  /** Reference to the resource that stands for it where access is decided. */
  readonly securityContext: string | undefined;
}

/** Characters of base64 that are decoded at once: whole groups of four. */
const PIECE = 256 * 1024;
const [SPACE, BACKSLASH, PADDING] = [0x20, 0x5c, 0x3d];

/** A Binary resource as JSON text, made of content in its own form. */
export function binaryResource(of: BinaryFacts & { readonly bytes: Uint8Array }): string {
  const { bytes } = of;
  const data = view(bytes).toString('base64');
  return [...around(of, data !== '')].join(data);
}

/**
 * The same of content that passes in pieces, none of which is kept in its own form.
 *
 * @returns bytes of the JSON text
 */
export async function passingBinary(
  of: BinaryFacts & { readonly content: AsyncIterable<Uint8Array> },
): Promise<Uint8Array> {
  const encoded: Uint8Array[] = [];
  let left = Buffer.alloc(0);
  for await (const piece of of.content) {
    const joined = left.length === 0 ? view(piece) : Buffer.concat([left, piece]);
    const whole = joined.length - (joined.length % 3);
    encoded.push(Buffer.from(joined.toString('base64', 0, whole), 'latin1'));
    left = Buffer.from(joined.subarray(whole));
  }
  encoded.push(Buffer.from(left.toString('base64'), 'latin1'));
  const [before, after] = around(
    of,
    encoded.some(({ length }) => length > 0),
  );
  return Buffer.concat([Buffer.from(before, 'utf8'), ...encoded, Buffer.from(after)]);
}

/** The JSON text before and after what `data` holds; without it both are the whole. */
function around(of: BinaryFacts, hasData: boolean): readonly [string, string] {
  const { id, contentType, securityContext } = of;
  const text = JSON.stringify({
    resourceType: 'Binary',
    ...(id === undefined ? {} : { id }),
    contentType: contentType.trim().replace(/\s+/g, ' '),
    ...(securityContext === undefined ? {} : { securityContext: { reference: securityContext } }),
  });
  return hasData ? [`${text.slice(0, -1)},"data":"`, '"}'] : [text, ''];
}

/** The content of a stored Binary. */
export function binaryContent(body: Uint8Array): BinaryContent {
  const json = view(body);
  const members = memberSpans(json);
  const contentType = stringAt(json, members.get('contentType'));
  const isType = parseMediaType(contentType).name !== '' && /^[\x20-\x7e]+$/.test(contentType);
  return {
    contentType: isType ? contentType : 'application/octet-stream',
    decode: () => decode(json, members.get('data')),
  };
}

function decode(json: Buffer, data: Span | undefined): Uint8Array | DecodedPieces {
  const inside = data && insideQuotes(json, data);
  const digits = inside && plainDigits(json.subarray(inside.start, inside.end));
  // Anything between the digits, and what is written with escapes, is for the decoder to sort out in the whole.
  if (digits === undefined || digits.length <= PIECE) {
    return Buffer.from(stringAt(json, data), 'base64');
  }
  return {
    bytes: decodedLength(digits.length),
    *[Symbol.iterator]() {
      for (let at = 0; at < digits.length; at += PIECE) {
        const text = digits.toString('latin1', at, Math.min(at + PIECE, digits.length));
        const bytes = Buffer.from(text, 'base64');
        // The decoder leaves out what is no digit, which no validated Binary has.
        if (bytes.length !== decodedLength(text.length)) throw new Error('data is not base64');
        yield bytes;
      }
    },
  };
}

/**
 * The digits of base64 without the padding; undefined when there is anything between them. Besides digits, what was
 * validated has white space and padding only, and JSON can write those in few ways: to look for these is much faster
 * than to look at each character.
 */
function plainDigits(text: Buffer): Buffer | undefined {
  if (text.includes(SPACE) || text.includes(BACKSLASH) || !isAscii(text)) return undefined;
  const padding = text.indexOf(PADDING);
  if (padding < 0) return text;
  return /^={1,2}$/.test(text.toString('latin1', padding, padding + 3))
    ? text.subarray(0, padding)
    : undefined;
}

function decodedLength(digits: number): number {
  return Math.floor((digits * 3) / 4);
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function stringAt(json: Buffer, span: Span | undefined): string {
  const value = span && valueAt(json, span);
  return typeof value === 'string' ? value : '';
}

/** Tells whether JSON text is a Binary resource. @throws SyntaxError for what is no JSON */
export function isBinaryResource(text: string): boolean {
  const value: unknown = JSON.parse(text);
  return (value as { readonly resourceType?: unknown } | null)?.resourceType === 'Binary';
}
