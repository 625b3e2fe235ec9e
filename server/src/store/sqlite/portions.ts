import type { WriteSet } from '../store.ts';

/** A part of a set whose bytes all lie in one buffer, so that it can be handed to another thread. */
export interface Portion {
  readonly set: WriteSet;
  readonly bytes: ArrayBuffer;
}

/** Entries of the index, or leaves or records, in one portion: some milliseconds of work to hand over. */
const PORTION_ENTRIES = 600;

/** A set in the order in which it is written, in portions that can be taken one after the other. */
export function* portions({
  versions = [],
  leaves = [],
  records = [],
}: WriteSet): Generator<Portion> {
  for (const some of byWeight(versions, ({ index, inside = [] }) => {
    return 1 + index.length + inside.reduce((sum, one) => sum + 1 + one.index.length, 0);
  })) {
    const pack = packing(some.map(({ body }) => body));
    yield {
      set: { versions: some.map((version) => ({ ...version, body: pack.copy(version.body) })) },
      bytes: pack.bytes,
    };
  }
  for (const some of byWeight(leaves, () => 4)) {
    const pack = packing(some.flatMap((leaf) => [leaf.bytes, leaf.hash, leaf.salt, leaf.content]));
    const moved = some.map(({ content, ...leaf }) => ({
      ...leaf,
      bytes: pack.copy(leaf.bytes),
      hash: pack.copy(leaf.hash),
      salt: pack.copy(leaf.salt),
      ...(content && { content: pack.copy(content) }),
    }));
    yield { set: { leaves: moved }, bytes: pack.bytes };
  }
  for (const some of byWeight(records, () => 4)) {
    const pack = packing(some.flatMap(({ value, expected }) => [value, expected]));
    const moved = some.map(({ value, expected, ...record }) => ({
      ...record,
      value: value && pack.copy(value),
      ...(expected !== undefined && { expected: expected && pack.copy(expected) }),
    }));
    yield { set: { records: moved }, bytes: pack.bytes };
  }
}

function* byWeight<T>(all: readonly T[], weigh: (one: T) => number): Generator<readonly T[]> {
  let some: T[] = [];
  let weight = 0;
  for (const one of all) {
    some.push(one);
    weight += weigh(one);
    if (weight < PORTION_ENTRIES) continue;
    yield some;
    [some, weight] = [[], 0];
  }
  if (some.length > 0) yield some;
}

/** Copies go into one buffer that holds nothing else: what is sent may be a small part of a whole request. */
function packing(all: readonly (Uint8Array | null | undefined)[]): {
  readonly bytes: ArrayBuffer;
  readonly copy: (one: Uint8Array) => Uint8Array;
} {
  const bytes = new ArrayBuffer(all.reduce((sum, one) => sum + (one?.length ?? 0), 0));
  let at = 0;
  return {
    bytes,
    copy: (one) => {
      const copy = new Uint8Array(bytes, at, one.length);
      copy.set(one);
      at += one.length;
      return copy;
    },
  };
}
