import { createHash } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import { decode, encode } from './protobuf.ts';

/** A `common.Block`. */
export interface Block {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
  /** Serialised `common.Envelope`s. */
  readonly envelopes: readonly Uint8Array[];
  /** Serialised entries by `common.BlockMetadataIndex`; SIGNATURES is 0. */
  readonly metadata: readonly Uint8Array[];
}

/** The SIGNATURES entry: `value` is signed with each header; one signature per consenter. */
export interface BlockSignatures {
  readonly value: Uint8Array;
  readonly signatures: readonly BlockSignature[];
}
export interface BlockSignature {
  /** Number of the consenter in the channel configuration. */
  readonly consenter: number;
  /** Serialised `common.IdentifierHeader`. */
  readonly identifierHeader: Uint8Array;
  readonly signature: Uint8Array;
}

const BLOCK = { header: [1, 'bytes'], data: [2, 'bytes'], metadata: [3, 'bytes'] } as const;
const HEADER = {
  number: [1, 'number'],
  previousHash: [2, 'bytes'],
  dataHash: [3, 'bytes'],
} as const;
const LIST = { items: [1, 'many'] } as const;
const METADATA = { value: [1, 'bytes'], signatures: [2, 'many'] } as const;
const SIGNATURE = {
  header: [1, 'bytes'],
  signature: [2, 'bytes'],
  identifier: [3, 'bytes'],
} as const;
const IDENTIFIER = { identifier: [1, 'number'], nonce: [2, 'bytes'] } as const;

export function decodeBlock(bytes: Uint8Array): Block {
  const block = decode(bytes, BLOCK);
  return {
    ...decode(block.header, HEADER),
    envelopes: decode(block.data, LIST).items,
    metadata: decode(block.metadata, LIST).items,
  };
}

export function encodeBlock(block: Block): Uint8Array {
  const list = (items: readonly Uint8Array[]) => encode(items.map((item) => [1, item] as const));
  return encode([
    [1, encodeHeader(block)],
    [2, list(block.envelopes)],
    [3, list(block.metadata)],
  ]);
}

function encodeHeader({ number, previousHash, dataHash }: Block): Uint8Array {
  const fields: (readonly [number, number | Uint8Array])[] = [];
  if (number !== 0) fields.push([1, number]);
  if (previousHash.length > 0) fields.push([2, previousHash]);
  if (dataHash.length > 0) fields.push([3, dataHash]);
  return encode(fields);
}

/** The signatures of a BFT block; those that name their signer in another way are passed over. */
export function decodeSignatures(block: Block): BlockSignatures {
  const { value, signatures } = decode(block.metadata[0] ?? new Uint8Array(0), METADATA);
  const byConsenter = signatures
    .map((bytes) => decode(bytes, SIGNATURE))
    .filter(({ header, identifier }) => header.length === 0 && identifier.length > 0)
    .map(({ identifier, signature }) => ({
      consenter: decode(identifier, IDENTIFIER).identifier,
      identifierHeader: identifier,
      signature,
    }));
  return { value, signatures: byConsenter };
}

export function encodeSignatures({ value, signatures }: BlockSignatures): Uint8Array {
  const entries = signatures.map(({ signature, identifierHeader }) =>
    encode([
      [2, signature],
      [3, identifierHeader],
    ]),
  );
  return encode([
    ...(value.length > 0 ? [[1, value] as const] : []),
    ...entries.map((entry) => [2, entry] as const),
  ]);
}

/** Returns what orderers sign of a header, and what the next block's previous hash is the SHA-256 of: ASN.1 DER. */
export function headerBytes({ number, previousHash, dataHash }: Block): Uint8Array {
  let hex = number.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  // A DER integer is signed: a first bit of 1 needs a zero octet before it.
  if (Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
  return der(
    0x30,
    Buffer.concat([
      der(0x02, Buffer.from(hex, 'hex')),
      der(0x04, previousHash),
      der(0x04, dataHash),
    ]),
  );
}

function der(tag: number, content: Uint8Array): Uint8Array {
  // Hashes and numbers are short, so one octet of length is enough.
  if (content.length > 0x7f) throw new Refusal('the block header holds something that is no hash');
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

/** SHA-256 of the envelopes, concatenated. It does not bind where one ends: see `checkEnvelopes`. */
export function dataHash(envelopes: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const envelope of envelopes) hash.update(envelope);
  return hash.digest();
}

const ENVELOPE = { payload: [1, 'bytes'], signature: [2, 'bytes'] } as const;

export function decodeEnvelope(bytes: Uint8Array): { payload: Uint8Array; signature: Uint8Array } {
  return decode(bytes, ENVELOPE);
}

/** Every envelope must be payload then signature and nothing else, so that their concatenation splits in one way. */
export function checkEnvelopes(envelopes: readonly Uint8Array[]): void {
  for (const bytes of envelopes) {
    const { payload, signature } = decodeEnvelope(bytes);
    const again = encode([
      [1, payload],
      [2, signature],
    ]);
    if (payload.length === 0 || signature.length === 0 || Buffer.compare(again, bytes) !== 0) {
      throw new Refusal('the block holds a transaction that is not in canonical form');
    }
  }
}
