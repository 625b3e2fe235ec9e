import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  appendToFrontier,
  emptyFrontier,
  emptyRoot,
  frontierRoot,
  hashChildren,
  verifyInclusion,
} from '../src/merkle.ts';
import { MerkleReader } from '../src/merkle-reader.ts';
import { leafHash } from '../src/leaf.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const concat = (hashes: readonly Uint8Array[]) => Buffer.concat(hashes);
const leaves = (count: number) =>
  Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));

/** The recursive definition of RFC 6962 section 2.1, word for word. */
function treeHead(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return createHash('sha256').digest();
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return hashChildren(treeHead(hashes.slice(0, k)), treeHead(hashes.slice(k)));
}
function pathOf(index: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length <= 1) return [];
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return index < k
    ? [...pathOf(index, hashes.slice(0, k)), treeHead(hashes.slice(k))]
    : [...pathOf(index - k, hashes.slice(k)), treeHead(hashes.slice(0, k))];
}
function readerOf(hashes: readonly Uint8Array[]) {
  let read = 0;
  const reader = new MerkleReader((from, to) => {
    read += to - from;
    return Promise.resolve(concat(hashes.slice(from, to)));
  });
  return { reader, hashesRead: () => read };
}

/** The leaves and tree heads used by the Certificate Transparency reference implementations. */
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((leaf) => leafHash(Buffer.from(leaf, 'hex')));
const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('Merkle tree of RFC 6962', () => {
  it('has the tree heads of the reference vectors', () => {
    assert.equal(
      hex(emptyRoot()),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    assert.equal(hex(frontierRoot(emptyFrontier.frontier)), hex(emptyRoot()));
    CT_ROOTS.forEach((root, i) => {
      const state = appendToFrontier(emptyFrontier, CT_LEAVES.slice(0, i + 1));
      assert.equal(hex(frontierRoot(state.frontier)), root);
      assert.equal(hex(treeHead(CT_LEAVES.slice(0, i + 1))), root);
    });
  });

  it('has the inclusion path of the reference vectors', async () => {
    const { reader } = readerOf(CT_LEAVES);
    assert.deepEqual((await reader.inclusionPath(5, 8)).map(hex), [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  it('gives the same head however the leaves are grouped', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 12 }), (groups) => {
        const all = leaves(groups.reduce((sum, n) => sum + n, 0));
        let state = emptyFrontier;
        for (const n of groups) {
          state = appendToFrontier(state, all.slice(state.size, state.size + n));
        }
        assert.equal(state.size, all.length);
        assert.equal(hex(frontierRoot(state.frontier)), hex(treeHead(all)));
      }),
    );
  });

  it('proves every leaf of every tree, as the recursive definition does', async () => {
    const all = leaves(70);
    const { reader } = readerOf(all);
    for (let size = 1; size <= all.length; size += 1) {
      const root = await reader.root(size);
      assert.equal(hex(root), hex(treeHead(all.slice(0, size))));
      for (let index = 0; index < size; index += 1) {
        const path = await reader.inclusionPath(index, size);
        assert.deepEqual(path.map(hex), pathOf(index, all.slice(0, size)).map(hex));
        assert.ok(verifyInclusion({ leafHash: all[index]!, index, size, path, root }));
      }
    }
  });

  it('refuses a proof with anything changed', async () => {
    const all = leaves(40);
    const { reader } = readerOf(all);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 40 }),
        fc.nat(),
        fc.nat(),
        async (size, leaf, bit) => {
          const index = leaf % size;
          const proof = {
            leafHash: all[index]!,
            index,
            size,
            path: await reader.inclusionPath(index, size),
            root: await reader.root(size),
          };
          assert.ok(verifyInclusion(proof));
          const flip = (hash: Uint8Array) => {
            const copy = Buffer.from(hash);
            copy[(bit >> 3) % 32]! ^= 1 << (bit & 7);
            return copy;
          };
          const at = bit % proof.path.length;
          const refused = [
            { ...proof, leafHash: flip(proof.leafHash) },
            { ...proof, root: flip(proof.root) },
            { ...proof, path: proof.path.map((hash, i) => (i === at ? flip(hash) : hash)) },
            { ...proof, path: proof.path.slice(1) },
            { ...proof, path: [...proof.path, proof.root] },
            { ...proof, path: proof.path.map((hash) => Buffer.concat([hash, Buffer.of(0)])) },
            { ...proof, index: (index + 1) % size },
            { ...proof, index: -1 },
            { ...proof, index: size },
            { ...proof, index: index + 0.5 },
            { ...proof, size: Number.MAX_VALUE },
          ];
          for (const bad of refused) assert.equal(verifyInclusion(bad), false);
        },
      ),
    );
  });

  it('reads a large log once and then only its young end', async () => {
    const all = leaves(20_000);
    const { reader, hashesRead } = readerOf(all);
    const root = hex(await reader.root(all.length));
    let state = emptyFrontier;
    for (let from = 0; from < all.length; from += 2_000) {
      state = appendToFrontier(state, all.slice(from, from + 2_000));
    }
    assert.equal(root, hex(frontierRoot(state.frontier)));
    const cold = hashesRead();
    assert.equal(cold, all.length);
    for (const index of [0, 4_095, 4_096, 12_345, 19_999]) {
      const before = hashesRead();
      const path = await reader.inclusionPath(index, all.length);
      assert.ok(
        verifyInclusion({
          leafHash: all[index]!,
          index,
          size: all.length,
          path,
          root: Buffer.from(root, 'hex'),
        }),
      );
      assert.ok(hashesRead() - before < 512, `leaf ${index} read ${hashesRead() - before} hashes`);
    }
  });

  it('refuses a frontier or a leaf of the wrong shape', () => {
    const [leaf] = leaves(1);
    assert.throws(() => appendToFrontier({ size: 2, frontier: [] }, [leaf!]), RangeError);
    assert.throws(() => appendToFrontier({ size: 0.5, frontier: [] }, []), RangeError);
    assert.throws(
      () => appendToFrontier({ size: 1, frontier: [Buffer.alloc(31)] }, []),
      RangeError,
    );
    assert.throws(() => appendToFrontier(emptyFrontier, [Buffer.alloc(33)]), RangeError);
    assert.equal(appendToFrontier(emptyFrontier, [leaf!]).size, 1);
  });

  it('says so when the reader does not hold the leaves', async () => {
    const { reader } = readerOf(leaves(5));
    await assert.rejects(reader.root(8), /fewer leaves/);
    await assert.rejects(reader.inclusionPath(5, 5), RangeError);
    assert.equal((await reader.inclusionPath(4, 5)).length, 1);
  });
});
