import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { leafHash, logKey } from '@chartseal/evidence';
import fc from 'fast-check';
import type { AppendResult } from '../src/log/arguments.ts';
import { json, PHARMACY, resultOf, TestLedger } from './support/ledger.ts';

const INPUTS = [
  ...['', '00', '10', '2021', '3031', '40414243', '5051525354555657'],
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
/** Tree heads of the first 1 to 8 inputs: the vectors that RFC 6962 implementations share. */
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function sha256(...parts: Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** RFC 6962 section 2.1 word by word, over leaf hashes. */
function treeHead(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), treeHead(leaves.slice(0, k)), treeHead(leaves.slice(k)));
}

function append(ledger: TestLedger, prevSize: number, hashes: readonly Uint8Array[]) {
  return ledger.submit('log:append', [
    json({ prevSize }),
    Buffer.concat(hashes),
  ]) as Promise<AppendResult>;
}

describe('log:append', () => {
  it('gives the RFC 6962 tree heads leaf by leaf', async () => {
    const ledger = new TestLedger();
    for (const [i, input] of INPUTS.entries()) {
      const result = await append(ledger, i, [leafHash(input)]);
      assert.deepEqual(result, { size: i + 1, root: ROOTS[i] });
    }
    const head = await ledger.submit('log:head', [json({ msp: 'HospitalMSP' })]);
    assert.deepEqual(head, { size: 8, root: ROOTS[7], frontier: [ROOTS[7]] });
  });

  it('gives the same tree head however the leaves are cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
            minLength: 1,
            maxLength: 40,
          }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        async (batches) => {
          const ledger = new TestLedger();
          const all: Uint8Array[] = [];
          for (const batch of batches) {
            const result = await append(ledger, all.length, batch);
            all.push(...batch);
            assert.equal(result.root, Buffer.from(treeHead(all)).toString('hex'));
            assert.equal(result.size, all.length);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes 2,000 leaves at once and no more', async () => {
    const ledger = new TestLedger();
    const leaves = Array.from({ length: 2001 }, (_, i) => leafHash(Buffer.from(String(i))));
    const result = await append(ledger, 0, leaves.slice(0, 2000));
    assert.equal(result.root, Buffer.from(treeHead(leaves.slice(0, 2000))).toString('hex'));
    await assert.rejects(append(ledger, 2000, leaves), /^ContractError: invalid-argument: /);
  });

  it('refuses a size that is not the current one and leaves the log alone', async () => {
    const ledger = new TestLedger();
    const leaf = leafHash(Buffer.from('a'));
    await append(ledger, 0, [leaf]);
    for (const prevSize of [0, 2]) {
      await assert.rejects(
        append(ledger, prevSize, [leaf]),
        /size-mismatch: the log holds 1 leaves/,
      );
    }
    assert.equal((await append(ledger, 1, [leaf])).size, 2);
  });

  it('appends to the log of the organisation that calls, whatever it says', async () => {
    const ledger = new TestLedger();
    const leaf = leafHash(Buffer.from('a'));
    await append(ledger, 0, [leaf]);
    const foreign = await ledger.endorse('log:append', [json({ prevSize: 0 }), leaf], {
      caller: PHARMACY,
    });
    assert.deepEqual(
      foreign.writes.map(({ key }) => key),
      [logKey('PharmacyMSP')],
    );
    assert.deepEqual(foreign.reads, [{ key: logKey('PharmacyMSP'), version: null }]);
    assert.equal(resultOf(await ledger.endorse('log:head', [json({ msp: 'PharmacyMSP' })])), null);
  });

  it('lets one of two concurrent appends through', async () => {
    const ledger = new TestLedger();
    const args = [json({ prevSize: 0 }), leafHash(Buffer.from('a'))];
    const [first, second] = await Promise.all([
      ledger.endorse('log:append', args),
      ledger.endorse('log:append', args),
    ]);
    assert.equal(ledger.commit(first), 'VALID');
    assert.equal(ledger.commit(second), 'MVCC_READ_CONFLICT');
  });

  it('refuses hashes that are not whole', async () => {
    const ledger = new TestLedger();
    for (const length of [0, 31, 33, 63]) {
      await assert.rejects(
        append(ledger, 0, [Buffer.alloc(length)]),
        /invalid-argument/,
        `${length} bytes`,
      );
    }
    assert.equal((await append(ledger, 0, [Buffer.alloc(64)])).size, 2);
  });
});
