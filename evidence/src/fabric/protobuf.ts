import { Refusal } from '../refusal.ts';

/** Says what a field is read as. `many` collects a repeated field of bytes. */
interface Kinds {
  bytes: Uint8Array;
  text: string;
  number: number;
  many: Uint8Array[];
}
/** Member name → field number and kind. */
export type Fields = Readonly<Record<string, readonly [number, keyof Kinds]>>;
export type Message<F extends Fields> = { [K in keyof F]: Kinds[F[K][1]] };

const EMPTY: { [K in keyof Kinds]: () => Kinds[K] } = {
  bytes: () => new Uint8Array(0),
  text: () => '',
  number: () => 0,
  many: () => [],
};

/**
 * Reads a protobuf message, stricter than the format: varints are minimal, a single field stands at most
 * once, numbers are safe integers, text is UTF-8, and only varint and length-delimited fields occur.
 * Fields that are not asked for are passed over.
 *
 * @throws Refusal
 */
export function decode<F extends Fields>(bytes: Uint8Array, fields: F): Message<F> {
  const result: Record<string, Kinds[keyof Kinds]> = {};
  const byNumber = new Map<number, { name: string; kind: keyof Kinds }>();
  for (const [name, [number, kind]] of Object.entries(fields)) {
    result[name] = EMPTY[kind]();
    byNumber.set(number, { name, kind });
  }
  const seen = new Set<number>();
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const number = Number(tag.value >> 3n);
    const isBytes = (tag.value & 7n) === 2n;
    if (number === 0 || (!isBytes && (tag.value & 7n) !== 0n)) throw malformed();
    const head = readVarint(bytes, tag.end);
    const value = isBytes ? slice(bytes, head.end, head.value) : head.value;
    at = typeof value === 'bigint' ? head.end : head.end + value.length;
    const field = byNumber.get(number);
    if (field === undefined) continue;
    if (field.kind === 'many') {
      (result[field.name] as Uint8Array[]).push(asBytes(value));
      continue;
    }
    if (seen.has(number)) throw malformed();
    seen.add(number);
    result[field.name] = convert(field.kind, value);
  }
  return result as Message<F>;
}

function convert(
  kind: 'bytes' | 'text' | 'number',
  value: bigint | Uint8Array,
): Kinds[keyof Kinds] {
  if (kind === 'bytes') return asBytes(value);
  if (kind === 'text') return utf8(asBytes(value));
  if (typeof value !== 'bigint' || value > Number.MAX_SAFE_INTEGER) throw malformed();
  return Number(value);
}

function asBytes(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw malformed();
  return value;
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed();
  }
}

function slice(bytes: Uint8Array, start: number, length: bigint): Uint8Array {
  if (length > bytes.length - start) throw malformed();
  return bytes.subarray(start, start + Number(length));
}

function readVarint(bytes: Uint8Array, start: number): { value: bigint; end: number } {
  let value = 0n;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[start + i];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) {
      if ((byte === 0 && i > 0) || value >= 1n << 64n) break;
      return { value, end: start + i + 1 };
    }
  }
  throw malformed();
}

function malformed(): Refusal {
  return new Refusal('the block is not well-formed protobuf');
}

/**
 * Writes fields in the order given, as Fabric does: default values of single fields are left out by the caller,
 * every item of a list is written.
 */
export function encode(fields: readonly (readonly [number, number | Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'number') parts.push(varint(number << 3), varint(value));
    else parts.push(varint((number << 3) | 2), varint(value.length), value);
  }
  return Buffer.concat(parts);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
