import { emptyRoot, HASH_BYTES, hashChildren } from './merkle.ts';

/** Leaf hashes number `from` to `to` (exclusive), concatenated: 32 bytes each. */
export type ReadLeafHashes = (from: number, to: number) => Promise<Uint8Array>;

/** Perfect subtrees from 2^8 leaves on are kept; those of up to 2^12 leaves are read in one piece. */
const KEPT_LEVEL = 8;
const READ_LEVEL = 12;

/**
 * Roots and inclusion paths of an append-only log whose leaf hashes are stored elsewhere.
 * Hashes of perfect subtrees never change, so they are kept: about 1 MB per 2^20 leaves. A warm proof
 * reads at most a few thousand leaf hashes, whatever the size of the log.
 */
export class MerkleReader {
  readonly #read: ReadLeafHashes;
  readonly #kept: Map<number, Uint8Array>[] = [];

  constructor(read: ReadLeafHashes) {
    this.#read = read;
  }

  /** Tree head of the first `size` leaves. */
  async root(size: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new RangeError('a size is a safe integer from 0');
    return size === 0 ? emptyRoot() : this.#range(0, size);
  }

  /**
   * Inclusion path of leaf `index` in the tree of the first `size` leaves, from the leaf upwards.
   *
   * @throws RangeError unless 0 <= index < size; Error when the reader returns fewer hashes than asked for
   */
  async inclusionPath(index: number, size: number): Promise<Uint8Array[]> {
    if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
      throw new RangeError('no such leaf in a tree of this size');
    }
    const path: Uint8Array[] = [];
    let from = 0;
    let to = size;
    while (to - from > 1) {
      const middle = from + splitSize(to - from);
      if (index < middle) {
        path.push(await this.#range(middle, to));
        to = middle;
      } else {
        path.push(await this.#range(from, middle));
        from = middle;
      }
    }
    return path.reverse();
  }

  /** Hash of a subtree of the recursive definition; `from` is a multiple of its largest perfect part. */
  async #range(from: number, to: number): Promise<Uint8Array> {
    const size = to - from;
    const left = splitSize(size);
    if (size === 2 * left || size === 1)
      return this.#perfect(Math.round(Math.log2(size)), from / size);
    return hashChildren(await this.#range(from, from + left), await this.#range(from + left, to));
  }

  /** Hash of the perfect subtree number `index` of 2^level leaves. */
  async #perfect(level: number, index: number): Promise<Uint8Array> {
    const kept = this.#kept[level]?.get(index);
    if (kept !== undefined) return kept;
    if (level > READ_LEVEL) {
      const left = await this.#perfect(level - 1, 2 * index);
      return this.#keep(
        level,
        index,
        hashChildren(left, await this.#perfect(level - 1, 2 * index + 1)),
      );
    }
    const size = 2 ** level;
    const bytes = await this.#read(index * size, (index + 1) * size);
    if (bytes.length !== size * HASH_BYTES)
      throw new Error('the log has fewer leaves than asked for');
    let row: Uint8Array[] = Array.from({ length: size }, (_, i) =>
      bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
    );
    for (let height = 1; height <= level; height += 1) {
      const below = row;
      row = Array.from({ length: below.length / 2 }, (_, i) =>
        hashChildren(below[2 * i] as Uint8Array, below[2 * i + 1] as Uint8Array),
      );
      const first = index * row.length;
      row.forEach((hash, i) => this.#keep(height, first + i, hash));
    }
    return row[0] as Uint8Array;
  }

  #keep(level: number, index: number, hash: Uint8Array): Uint8Array {
    if (level >= KEPT_LEVEL) (this.#kept[level] ??= new Map()).set(index, hash);
    return hash;
  }
}

/** The largest power of two smaller than `size` (1 for 1). */
function splitSize(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
