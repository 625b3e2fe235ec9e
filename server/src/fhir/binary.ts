import { parseMediaType } from './media-type.ts';
import { stringMembers, type Span } from './string-members.ts';

/** Content of a Binary, apart from the resource around it (R4 binary.html). */
export interface BinaryContent {
  /** Fit for a header. */
  readonly contentType: string;
  /** The content, in pieces that follow each other. */
  readonly decode: () => readonly Uint8Array[];
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
const PLAIN = /^[A-Za-z0-9+/]*$/;
const PLAIN_END = /^[A-Za-z0-9+/]*={0,2}$/;

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
  const members = stringMembers(json);
  const contentType = stringAt(json, members.get('contentType'));
  const isType = parseMediaType(contentType).name !== '' && /^[\x20-\x7e]+$/.test(contentType);
  return {
    contentType: isType ? contentType : 'application/octet-stream',
    decode: () => decode(json, members.get('data') ?? { start: 0, end: 0 }),
  };
}

/** Decodes base64 in pieces as long as it is written without anything between; otherwise in one. */
function decode(json: Buffer, data: Span): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = data.start; at < data.end; at += PIECE) {
    const end = Math.min(at + PIECE, data.end);
    const text = json.toString('latin1', at, end);
    if (!(end === data.end ? PLAIN_END : PLAIN).test(text)) {
      return [Buffer.from(stringAt(json, data), 'base64')];
    }
    pieces.push(Buffer.from(text, 'base64'));
  }
  return pieces;
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function stringAt(json: Buffer, span: Span | undefined): string {
  if (span === undefined) return '';
  return JSON.parse(json.toString('utf8', span.start - 1, span.end + 1)) as string;
}

/** Tells whether JSON text is a Binary resource. @throws SyntaxError for what is no JSON */
export function isBinaryResource(text: string): boolean {
  const value: unknown = JSON.parse(text);
  return (value as { readonly resourceType?: unknown } | null)?.resourceType === 'Binary';
}
