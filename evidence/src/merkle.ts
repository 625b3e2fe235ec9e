import { hash as digest } from 'node:crypto';

/** The Merkle tree of RFC 6962 section 2.1: SHA-256, 32-byte hashes, leaves numbered from 0. */
export const HASH_BYTES = 32;

/**
 * Holds what is needed to go on appending: the number of leaves and the hashes of the perfect subtrees that
 * make up the tree, largest first; one per 1-bit of `size`.
 *
 * @rule Merkle log
 */
export interface Frontier {
  readonly size: number;
  readonly frontier: readonly Uint8Array[];
}

export const emptyFrontier: Frontier = { size: 0, frontier: [] };

const NODE_PREFIX = Buffer.of(1);

/** Interior node: SHA-256(0x01 || left || right). */
export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  // One call of the native side: several times faster than an incremental hash of three parts.
  return digest('sha256', Buffer.concat([NODE_PREFIX, left, right]), 'buffer');
}

/** Tree head of no leaves: SHA-256 of the empty string. */
export function emptyRoot(): Uint8Array {
  return digest('sha256', '', 'buffer');
}

/**
 * Appends leaf hashes (see `leafHash`) in order.
 *
 * @throws RangeError when the frontier does not belong to `size`, or a hash is not 32 bytes long
 */
export function appendToFrontier(state: Frontier, leafHashes: readonly Uint8Array[]): Frontier {
  assertFrontier(state);
  const frontier = [...state.frontier];
  let size = state.size;
  for (const leaf of leafHashes) {
    if (leaf.length !== HASH_BYTES) throw new RangeError('a leaf hash has 32 bytes');
    let node = leaf;
    // Every trailing 1-bit of the size is a perfect subtree that the new leaf completes.
    for (let bits = size; bits % 2 === 1; bits = (bits - 1) / 2) {
      node = hashChildren(frontier.pop() as Uint8Array, node);
    }
    frontier.push(node);
    size += 1;
  }
  if (!Number.isSafeInteger(size)) throw new RangeError('the log is full');
  return { size, frontier };
}

/** Tree head of the leaves that a frontier stands for. */
export function frontierRoot(frontier: readonly Uint8Array[]): Uint8Array {
  return frontier.length === 0
    ? emptyRoot()
    : frontier.reduceRight((right, left) => hashChildren(left, right));
}

export interface InclusionProof {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  /** Sibling hashes from the leaf upwards. */
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/**
 * Tells whether the proof shows `leafHash` at `index` in the tree of `size` leaves under `root` (RFC 9162, 2.1.3.2).
 *
 * @rule inclusion proof
 */
export function verifyInclusion({ leafHash, index, size, path, root }: InclusionProof): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return false;
  if (index < 0 || index >= size) return false;
  if ([leafHash, root, ...path].some((hash) => hash.length !== HASH_BYTES)) return false;
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = hashChildren(sibling, hash);
      // A node at the right edge without a sibling is carried up unchanged.
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = hashChildren(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && Buffer.compare(hash, root) === 0;
}

function assertFrontier({ size, frontier }: Frontier): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError('a size is a safe integer from 0');
  let ones = 0;
  for (let bits = size; bits > 0; bits = Math.floor(bits / 2)) ones += bits % 2;
  if (ones !== frontier.length) throw new RangeError('the frontier does not belong to this size');
  if (frontier.some((hash) => hash.length !== HASH_BYTES)) {
    throw new RangeError('a frontier hash has 32 bytes');
  }
}
