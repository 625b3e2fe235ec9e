import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { StoreConflict } from '../../src/store/errors.ts';
import type { LeafBatch } from '../../src/store/leaf-queue.ts';
import type { Store } from '../../src/store/store.ts';
import { aLeaf, anAccess, aVersion, aWrite } from '../support/store-samples.ts';
import { useStore, withHome } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';

const idsOf = async (store: Store, limit = 10_000) =>
  (await store.leaves.queued(limit)).map(({ id }) => id);

async function queue(store: Store, ...ids: string[]): Promise<void> {
  await store.write({ leaves: ids.map((id) => aLeaf(id)) });
}

function batchOf(txId: string, firstIndex: number, leaves: readonly string[]): LeafBatch {
  return { txId, signed: Buffer.from(`signed ${txId}`), firstIndex, leaves };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

const hashesOf = (...ids: string[]) =>
  Buffer.concat(ids.map((id) => aLeaf(id).hash)).toString('hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Leaves, their order and the batches that carry them to the ledger. */
export function describeLeafQueue(settle: () => Promise<StoreHome>): void {
  describe('leaves', () => {
    const store = useStore(settle);

    it('returns a leaf exactly as it was written, with and without the optional parts', async () => {
      const bare = aLeaf('bare');
      const full = aLeaf('full', {
        kind: 'disclosure',
        subject: 'f'.repeat(32),
        content: Uint8Array.of(0, 255, 10),
      });
      await store().write({ leaves: [bare, full] });
      for (const leaf of [bare, full]) {
        const read = await store().leaves.leaf(leaf.id);
        assert.ok(read);
        assert.deepEqual(Object.keys(read).sort(), Object.keys(leaf).sort());
        assert.deepEqual(
          [read.id, read.kind, read.subject, hex(read.bytes), hex(read.hash), hex(read.salt)],
          [leaf.id, leaf.kind, leaf.subject, hex(leaf.bytes), hex(leaf.hash), hex(leaf.salt)],
        );
        assert.deepEqual(read.content && [...read.content], leaf.content && [...leaf.content]);
      }
    });

    it('lists the accesses of a subject in the order of its chain', async () => {
      const [anna, ben] = ['a'.repeat(32), 'b'.repeat(32)];
      await store().write({
        leaves: [aLeaf('not-an-access', { kind: 'version', subject: anna })],
        accesses: [anAccess('z-first', anna), anAccess('of-ben', ben, 'denial')],
      });
      await store().write({ accesses: [anAccess('a-second', anna, 'denial')] });
      await store().write({ leaves: [aLeaf('a-consent', { kind: 'consent', subject: anna })] });
      const ids = (await store().leaves.accesses(anna)).map(({ id }) => id);
      assert.deepEqual(ids, ['z-first', 'a-second']);
      for (const [from, count, part] of [
        [0, 1, ['z-first']],
        [1, 5, ['a-second']],
        [2, 5, []],
      ] as const) {
        const found = await store().leaves.accesses(anna, { from, count });
        assert.deepEqual(
          found.map(({ id }) => id),
          part,
        );
      }
      assert.equal((await store().leaves.lastAccess(anna))?.id, 'a-second');
      assert.equal((await store().leaves.lastAccess(ben))?.id, 'of-ben');
      assert.deepEqual((await store().leaves.accesses(ben)).length, 1);
      assert.deepEqual(await store().leaves.accesses('c'.repeat(32)), []);
      assert.equal(await store().leaves.lastAccess('c'.repeat(32)), undefined);
    });
  });

  describe('chains of accesses', () => {
    const subject = 'd'.repeat(32);
    const chainOf = async (store: Store): Promise<readonly string[]> =>
      (await store.leaves.accesses(subject)).map(({ id, bytes }) => `${id} ${text(bytes)}`);

    it('puts each behind the last one, within a set, within a group and after a restart', () =>
      withHome(settle, async (home) => {
        let store = await home.open();
        await store.write({ accesses: ['a', 'b'].map((id) => anAccess(id, subject)) });
        await Promise.all([
          store.write({ accesses: [anAccess('c', subject), anAccess('x', 'e'.repeat(32))] }),
          store.write({ accesses: [anAccess('d', subject)], leaves: [aLeaf('other')] }),
        ]);
        await store.close();
        store = await home.open();
        await store.write({ accesses: [anAccess('e', subject)] });
        assert.deepEqual(await chainOf(store), [
          'a 0',
          'b 1 after a 0',
          'c 2 after b 1',
          'd 3 after c 2',
          'e 4 after d 3',
        ]);
        await store.close();
      }));

    it('leaves no gap where a set fails and another of the same group has the next access', () =>
      withStore(settle, async (store) => {
        const gone = { collection: 'c', key: 'k', value: Buffer.of(1), expected: Buffer.of(2) };
        const outcomes = await Promise.allSettled([
          store.write({ accesses: [anAccess('a', subject)] }),
          store.write({ accesses: [anAccess('b', subject)], records: [gone] }),
          store.write({ accesses: [anAccess('c', subject)] }),
        ]);
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          ['fulfilled', 'rejected', 'fulfilled'],
        );
        assert.deepEqual(await chainOf(store), ['a 0', 'c 1 after a 0']);
        assert.equal(await store.leaves.backlog(), 2);
      }));

    it('puts accesses of a set that is large behind the last one too', () =>
      withStore(settle, async (store) => {
        await store.write({ accesses: [anAccess('a', subject)] });
        const large = Array.from({ length: 5_000 }, (_, i) => aLeaf(`leaf ${i}`));
        await Promise.all([
          store.write({
            leaves: large,
            accesses: ['b', 'c'].map((id) => anAccess(id, subject)),
          }),
          store.write({ accesses: [anAccess('d', subject)] }),
        ]);
        assert.deepEqual(
          (await chainOf(store)).map((line) => line.slice(0, 3)),
          ['a 0', 'b 1', 'c 2', 'd 3'],
        );
      }));
  });

  describe('leaf queue', () => {
    it('keeps the order of the sets, and within a set the order given', () =>
      withStore(settle, async (store) => {
        await queue(store, 'z', 'y');
        await Promise.all([queue(store, 'b', 'a'), queue(store, 'x')]);
        const ids = await idsOf(store);
        assert.deepEqual(ids.slice(0, 2), ['z', 'y']);
        assert.equal(ids.indexOf('a'), ids.indexOf('b') + 1);
        assert.deepEqual(await idsOf(store, 2), ['z', 'y']);
        assert.equal(await store.leaves.backlog(), 5);
        assert.equal(hex((await store.leaves.queued(1))[0]?.hash ?? Buffer.of()), hashesOf('z'));
      }));

    it('queues the leaves of a resource in the order of its versions under concurrent writers', () =>
      withStore(settle, async (store) => {
        const lives = Array.from({ length: 8 }, async (_, i) => {
          for (let version = 1; version <= 12; version += 1)
            await store.write(aWrite({ id: `r${i}`, version }));
        });
        await Promise.all(lives);
        const ids = await idsOf(store);
        assert.equal(ids.length, 96);
        for (let i = 0; i < 8; i += 1) {
          const mine = ids.filter((id) => id.startsWith(`Observation/r${i}/`));
          assert.deepEqual(
            mine,
            Array.from({ length: 12 }, (_, v) => `Observation/r${i}/${v + 1}`),
          );
        }
      }));

    it('never shows a later leaf before an earlier one', () =>
      withStore(settle, async (store) => {
        let writing = true;
        const writers = Array.from({ length: 6 }, async (_, w) => {
          for (let i = 0; i < 20; i += 1) await queue(store, `${w}-${i}`);
        });
        const watcher = async () => {
          let before: readonly string[] = [];
          while (writing) {
            const now = await idsOf(store);
            assert.deepEqual(now.slice(0, before.length), before);
            before = now;
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        await Promise.all([Promise.all(writers).then(() => (writing = false)), watcher()]);
        assert.equal((await idsOf(store)).length, 120);
      }));

    it('leaves nothing of a refused set in the queue', () =>
      withStore(settle, async (store) => {
        const refused = {
          versions: [aVersion({ id: 'r', version: 9 })],
          leaves: [aLeaf('refused')],
        };
        const outcomes = await Promise.allSettled([
          queue(store, 'a'),
          store.write(refused),
          queue(store, 'b'),
        ]);
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          ['fulfilled', 'rejected', 'fulfilled'],
        );
        assert.deepEqual((await idsOf(store)).sort(), ['a', 'b']);
        assert.equal(await store.leaves.backlog(), 2);
      }));

    it('takes the leaves of an open batch out of the queue and numbers them', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a', 'b', 'c');
        assert.equal(await store.leaves.batch(), undefined);
        await store.leaves.openBatch(batchOf('t1', 0, ['a', 'b']));
        assert.deepEqual(await idsOf(store), ['c']);
        assert.equal(await store.leaves.backlog(), 3);
        assert.equal(await store.leaves.anchoredSize(), 0);
        const batch = await store.leaves.batch();
        assert.ok(batch);
        assert.deepEqual(
          { ...batch, signed: Buffer.from(batch.signed).toString() },
          { txId: 't1', signed: 'signed t1', firstIndex: 0, leaves: ['a', 'b'] },
        );
        const [a, c] = [await store.leaves.leaf('a'), await store.leaves.leaf('c')];
        assert.deepEqual([a?.index, a?.anchored, c?.index], [0, undefined, undefined]);
        assert.equal(hex(await store.leaves.leafHashes(0, 2)), hashesOf('a', 'b'));
      }));

    it('has one batch under way at most', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a', 'b');
        await store.leaves.openBatch(batchOf('t1', 0, ['a']));
        await assert.rejects(store.leaves.openBatch(batchOf('t2', 1, ['b'])), StoreConflict);
        assert.deepEqual(await idsOf(store), ['b']);
        assert.equal((await store.leaves.batch())?.txId, 't1');
        await store.leaves.closeBatch('t1', { size: 1 });
        await store.leaves.openBatch(batchOf('t2', 1, ['b']));
        assert.equal((await store.leaves.batch())?.txId, 't2');
      }));

    it('lets one of several racing batches open', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a');
        const race = ['t1', 't2', 't3', 't4'].map((txId) =>
          store.leaves.openBatch(batchOf(txId, 0, ['a'])),
        );
        const outcomes = await Promise.allSettled(race);
        const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
        assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
        assert.equal((await store.leaves.batch())?.txId, `t${won + 1}`);
      }));

    it('refuses a batch with a leaf that is not queued, and opens nothing', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a', 'b');
        await store.leaves.openBatch(batchOf('t1', 0, ['a']));
        await store.leaves.closeBatch('t1', { size: 1 });
        await assert.rejects(
          store.leaves.openBatch(batchOf('t2', 1, ['b', 'unknown'])),
          StoreConflict,
        );
        await assert.rejects(store.leaves.openBatch(batchOf('t3', 1, ['b', 'a'])), StoreConflict);
        assert.equal(await store.leaves.batch(), undefined);
        assert.deepEqual(await idsOf(store), ['b']);
        await store.leaves.openBatch(batchOf('t4', 1, ['b']));
      }));

    it('refuses a batch that would give a position twice', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a', 'b', 'c', 'd');
        await store.leaves.openBatch(batchOf('t1', 0, ['a', 'b']));
        await store.leaves.closeBatch('t1', { size: 2 });
        await assert.rejects(store.leaves.openBatch(batchOf('t2', 0, ['c', 'd'])), StoreConflict);
        await assert.rejects(store.leaves.openBatch(batchOf('t3', 1, ['c', 'd'])), StoreConflict);
        await assert.rejects(store.leaves.openBatch(batchOf('t4', 2, ['c', 'c'])), StoreConflict);
        assert.deepEqual([await store.leaves.batch(), await idsOf(store)], [undefined, ['c', 'd']]);
        await store.leaves.openBatch(batchOf('t5', 2, ['c', 'd']));
      }));

    it('anchors the leaves of a batch whose transaction is valid', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a', 'b', 'c', 'd');
        await store.leaves.openBatch(batchOf('t1', 0, ['a', 'b', 'c']));
        await store.leaves.closeBatch('t1', { size: 3 });
        assert.equal(await store.leaves.batch(), undefined);
        assert.deepEqual([await store.leaves.backlog(), await store.leaves.anchoredSize()], [1, 3]);
        await store.leaves.openBatch(batchOf('t2', 3, ['d']));
        await store.leaves.closeBatch('t2', { size: 4 });
        const leaves = await Promise.all(['a', 'b', 'c', 'd'].map((id) => store.leaves.leaf(id)));
        assert.deepEqual(
          leaves.map((leaf) => [leaf?.index, leaf?.anchored]),
          [
            [0, { txId: 't1', size: 3 }],
            [1, { txId: 't1', size: 3 }],
            [2, { txId: 't1', size: 3 }],
            [3, { txId: 't2', size: 4 }],
          ],
        );
        assert.deepEqual(await idsOf(store), []);
        assert.deepEqual([await store.leaves.backlog(), await store.leaves.anchoredSize()], [0, 4]);
        assert.equal(hex(await store.leaves.leafHashes(1, 4)), hashesOf('b', 'c', 'd'));
        assert.equal(hex(await store.leaves.leafHashes(2, 2)), '');
      }));

    it('shows index and anchor in the accesses of a subject too', () =>
      withStore(settle, async (store) => {
        const subject = 'e'.repeat(32);
        await store.write({ accesses: [anAccess('d', subject)], leaves: [aLeaf('other')] });
        await store.leaves.openBatch(batchOf('t1', 0, ['d']));
        await store.leaves.closeBatch('t1', { size: 1 });
        const [leaf] = await store.leaves.accesses(subject);
        assert.deepEqual(
          [leaf?.id, leaf?.index, leaf?.anchored],
          ['d', 0, { txId: 't1', size: 1 }],
        );
      }));

    it('queues the leaves of a batch without effect again, in their old order', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a', 'b', 'c');
        await store.leaves.openBatch(batchOf('t1', 0, ['a', 'b']));
        await queue(store, 'd');
        await store.leaves.closeBatch('t1', undefined);
        assert.deepEqual(await idsOf(store), ['a', 'b', 'c', 'd']);
        assert.equal(await store.leaves.batch(), undefined);
        assert.deepEqual([await store.leaves.backlog(), await store.leaves.anchoredSize()], [4, 0]);
        assert.equal((await store.leaves.leaf('a'))?.index, undefined);
        await store.leaves.openBatch(batchOf('t2', 0, ['a', 'b', 'c', 'd']));
        await store.leaves.closeBatch('t2', { size: 4 });
        assert.deepEqual((await store.leaves.leaf('a'))?.anchored, { txId: 't2', size: 4 });
      }));

    it('refuses to close a batch that is not under way', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a');
        await assert.rejects(store.leaves.closeBatch('t1', { size: 1 }), StoreConflict);
        await store.leaves.openBatch(batchOf('t1', 0, ['a']));
        await assert.rejects(store.leaves.closeBatch('t2', { size: 1 }), StoreConflict);
        await assert.rejects(store.leaves.closeBatch('t2', undefined), StoreConflict);
        assert.equal(await store.leaves.anchoredSize(), 0);
        await store.leaves.closeBatch('t1', { size: 1 });
        await assert.rejects(store.leaves.closeBatch('t1', { size: 1 }), StoreConflict);
        assert.equal(await store.leaves.anchoredSize(), 1);
      }));

    it('refuses hashes of leaves that have no position', () =>
      withStore(settle, async (store) => {
        await queue(store, 'a', 'b', 'c');
        await store.leaves.openBatch(batchOf('t1', 0, ['a', 'b']));
        assert.equal(hex(await store.leaves.leafHashes(0, 1)), hashesOf('a'));
        for (const [from, to] of [
          [0, 3],
          [2, 3],
          [-1, 1],
        ] as const) {
          await assert.rejects(store.leaves.leafHashes(from, to), RangeError);
        }
      }));

    it('finds batch, queue and anchors again after reopening', () =>
      withHome(settle, async (home) => {
        const first = await home.open();
        await queue(first, 'a', 'b', 'c', 'd');
        await first.leaves.openBatch(batchOf('t1', 0, ['a']));
        await first.leaves.closeBatch('t1', { size: 1 });
        await first.leaves.openBatch(batchOf('t2', 1, ['b', 'c']));
        await first.close();
        const second = await home.open();
        const batch = await second.leaves.batch();
        assert.deepEqual([batch?.txId, batch?.firstIndex, batch?.leaves], ['t2', 1, ['b', 'c']]);
        assert.equal(Buffer.from(batch?.signed ?? []).toString(), 'signed t2');
        assert.deepEqual(await idsOf(second), ['d']);
        assert.deepEqual(
          [await second.leaves.backlog(), await second.leaves.anchoredSize()],
          [3, 1],
        );
        await second.leaves.closeBatch('t2', { size: 3 });
        await queue(second, 'e');
        assert.deepEqual(await idsOf(second), ['d', 'e']);
        await second.close();
      }));

    it('carries thousands of leaves in one batch', () =>
      withStore(settle, async (store) => {
        const ids = Array.from({ length: 2_000 }, (_, i) => `leaf-${i}`);
        await queue(store, ...ids);
        await store.leaves.openBatch(batchOf('t1', 0, ids));
        assert.equal((await store.leaves.batch())?.leaves.length, 2_000);
        await store.leaves.closeBatch('t1', { size: 2_000 });
        assert.equal(hex(await store.leaves.leafHashes(0, 2_000)), hashesOf(...ids));
        assert.deepEqual(
          [await store.leaves.backlog(), await store.leaves.anchoredSize()],
          [0, 2_000],
        );
      }));
  });
}

function withStore(
  settle: () => Promise<StoreHome>,
  act: (store: Store) => Promise<void>,
): Promise<void> {
  return withHome(settle, async (home) => {
    const store = await home.open();
    try {
      await act(store);
    } finally {
      await store.close();
    }
  });
}
