import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { StoreConflict, StoreUnavailable } from '../../src/store/errors.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { useStore, withHome } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aLeaf, aVersion, aWrite } from '../support/store-samples.ts';
import { describeChanges } from './store-changes.ts';
import { describeContained } from './store-contained.ts';
import { describeCrash } from './store-crash.ts';
import { describeLeafQueue } from './store-leaves.ts';
import { describeLinks } from './store-links.ts';
import { describePages } from './store-pages.ts';
import { describeSearch } from './store-search.ts';
import { describeTypes } from './store-types.ts';
import { describeUpkeep } from './store-upkeep.ts';

/** The behaviour every Store must show. @param settle makes a new, empty home */
export function describeStore(name: string, settle: () => Promise<StoreHome>): void {
  describe(`Store: ${name}`, () => {
    describeWrites(settle);
    describeReads(settle);
    describeSearch(settle);
    describeTypes(settle);
    describeContained(settle);
    describeUpkeep(settle);
    describeChanges(settle);
    describePages(settle, Number(process.env['TRAVERSALS'] ?? 30));
    describeLinks(settle);
    describeLeafQueue(settle);
    describeCrash(settle);
    describeEnd(settle);
  });
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value && Buffer.from(value).toString();

function describeWrites(settle: () => Promise<StoreHome>): void {
  describe('write', () => {
    const store = useStore(settle);

    it('makes version, leaf and record of a set visible when it resolves', async () => {
      await store().write({
        ...aWrite({ id: 'whole' }),
        records: [{ collection: 'c', key: 'whole', value: bytes('1') }],
      });
      assert.equal((await store().versions.current('Observation', 'whole'))?.version, 1);
      assert.equal((await store().leaves.leaf('Observation/whole/1'))?.kind, 'version');
      assert.equal(text(await store().records.record('c', 'whole')), '1');
    });

    for (const [what, version] of [
      ['a first version where there is one', 1],
      ['a version that leaves a gap', 3],
    ] as const) {
      it(`refuses ${what}, and writes nothing of that set`, async () => {
        const id = `refused-${version}`;
        await store().write(aWrite({ id }));
        const set = {
          versions: [aVersion({ id: `beside-${id}` }), aVersion({ id, version })],
          leaves: [aLeaf(`leaf-${id}`)],
          records: [{ collection: 'c', key: id, value: bytes('1') }],
        };
        await assert.rejects(store().write(set), StoreConflict);
        assert.equal(await store().versions.current('Observation', `beside-${id}`), undefined);
        assert.equal(await store().leaves.leaf(`leaf-${id}`), undefined);
        assert.equal(await store().records.record('c', id), undefined);
        assert.equal((await store().versions.current('Observation', id))?.version, 1);
        await store().write({ ...set, versions: [aVersion({ id, version: 2 })] });
        assert.equal((await store().versions.current('Observation', id))?.version, 2);
      });
    }

    it('refuses a resource that begins with its second version', async () => {
      await assert.rejects(
        store().write(aWrite({ id: 'second-first', version: 2 })),
        StoreConflict,
      );
      await store().write(aWrite({ id: 'second-first', version: 1 }));
    });

    it('takes two versions of one resource in one set, in their order', async () => {
      const [first, second] = [aVersion({ id: 'twice' }), aVersion({ id: 'twice', version: 2 })];
      await assert.rejects(store().write({ versions: [second, first] }), StoreConflict);
      await store().write({ versions: [first, second] });
      assert.equal(await store().versions.historyCount('Observation', 'twice'), 2);
    });

    it('refuses a leaf whose id is taken, and writes nothing of that set', async () => {
      await store().write({ leaves: [aLeaf('taken')] });
      await assert.rejects(
        store().write({ versions: [aVersion({ id: 'with-taken' })], leaves: [aLeaf('taken')] }),
        StoreConflict,
      );
      assert.equal(await store().versions.current('Observation', 'with-taken'), undefined);
      await store().write({
        versions: [aVersion({ id: 'with-taken' })],
        leaves: [aLeaf('untaken')],
      });
    });

    it('compares an expected record byte for byte before writing anything', async () => {
      const put = (expected: Uint8Array | null, value: string) =>
        store().write({
          leaves: [aLeaf(`compared-${value}`)],
          records: [{ collection: 'cas', key: 'k', value: bytes(value), expected }],
        });
      await assert.rejects(put(bytes('absent'), 'a'), StoreConflict);
      await put(null, 'b');
      await assert.rejects(put(null, 'c'), StoreConflict);
      await assert.rejects(put(bytes('B'), 'd'), StoreConflict);
      await assert.rejects(put(bytes(''), 'e'), StoreConflict);
      await put(bytes('b'), 'f');
      assert.equal(text(await store().records.record('cas', 'k')), 'f');
      const present = await Promise.all(
        Array.from('abcdef').map((v) => store().leaves.leaf(`compared-${v}`)),
      );
      assert.deepEqual(
        present.map((leaf) => leaf !== undefined),
        [false, true, false, false, false, true],
      );
    });

    it('keeps an empty record apart from an absent one, and deletes', async () => {
      const write = (value: Uint8Array | undefined, expected?: Uint8Array | null) =>
        store().write({
          records: [
            { collection: 'e', key: 'k', value, ...(expected !== undefined && { expected }) },
          ],
        });
      await write(new Uint8Array());
      assert.equal((await store().records.record('e', 'k'))?.length, 0);
      await assert.rejects(write(undefined, null), StoreConflict);
      await write(undefined, new Uint8Array());
      assert.equal(await store().records.record('e', 'k'), undefined);
      await write(undefined);
      await write(bytes('1'), null);
    });

    it('lets one of 20 racing writers of the same version win', async () => {
      const race = Array.from({ length: 20 }, (_, i) =>
        store().write({
          versions: [aVersion({ id: 'raced', leaf: `racer-${i}` })],
          leaves: [aLeaf(`racer-${i}`)],
        }),
      );
      const outcomes = await Promise.allSettled(race);
      const won = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
      assert.equal(won.length, 1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof StoreConflict);
      }
      assert.equal(
        (await store().versions.current('Observation', 'raced'))?.leaf,
        `racer-${won[0]}`,
      );
      const leaves = await Promise.all(outcomes.map((_, i) => store().leaves.leaf(`racer-${i}`)));
      assert.deepEqual(
        leaves.flatMap((leaf, i) => (leaf ? [i] : [])),
        won,
      );
    });

    it('lets one of 20 racing writers of an expected record win', async () => {
      const race = Array.from({ length: 20 }, (_, i) =>
        store().write({
          records: [{ collection: 'race', key: 'k', value: bytes(String(i)), expected: null }],
        }),
      );
      const outcomes = await Promise.allSettled(race);
      const won = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []));
      assert.deepEqual([text(await store().records.record('race', 'k'))], won.map(String));
    });

    it('fails conflicting sets alone among many concurrent ones', async () => {
      await store().write(aWrite({ id: 'obstacle' }));
      const sets = Array.from({ length: 300 }, (_, i) => {
        const mine = aWrite({ id: `many-${i}` });
        const stale = aVersion({ id: 'obstacle', leaf: mine.leaves?.[0]?.id ?? '' });
        return i % 7 === 3 ? { ...mine, versions: [...(mine.versions ?? []), stale] } : mine;
      });
      const outcomes = await Promise.allSettled(sets.map((set) => store().write(set)));
      for (const [i, outcome] of outcomes.entries()) {
        const fails = i % 7 === 3;
        assert.equal(outcome.status, fails ? 'rejected' : 'fulfilled', `set ${i}`);
        assert.equal(
          (await store().versions.current('Observation', `many-${i}`)) === undefined,
          fails,
        );
        assert.equal((await store().leaves.leaf(`Observation/many-${i}/1`)) === undefined, fails);
      }
    });

    it('shows a set whole to readers while sets are written', async () => {
      let writing = true;
      const writer = async () => {
        for (let version = 1; version <= 100; version += 1) {
          const half = (id: string) => aVersion({ id, version, leaf: `${id}-${version}` });
          await store().write({ versions: [half('left'), half('right')] });
        }
        writing = false;
      };
      const reader = async () => {
        let seen = 0;
        while (writing) {
          const left = (await store().versions.current('Observation', 'left'))?.version ?? 0;
          const right = (await store().versions.current('Observation', 'right'))?.version ?? 0;
          assert.ok(right >= left, `left ${left} was visible before right ${right}`);
          seen += 1;
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.ok(seen > 0);
      };
      await Promise.all([writer(), reader(), reader()]);
    });

    it('lets every read that begins after a write resolved see it', async () => {
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          const id = `seen-${i}`;
          const index = [{ kind: 'token', param: 'seen', system: null, code: id } as const];
          await store().write(aWrite({ id, index }));
          assert.equal((await store().versions.current('Observation', id))?.id, id);
          const page = await store().versions.search({
            type: 'Observation',
            filter: { op: 'token', param: 'seen', code: id },
            sort: [],
            count: 2,
            total: 'accurate',
          });
          assert.deepEqual([page.matches.map((match) => match.id), page.total], [[id], 1]);
        }),
      );
    });

    it('accepts an empty set', async () => {
      await store().write({});
    });
  });
}

function describeReads(settle: () => Promise<StoreHome>): void {
  describe('reads', () => {
    const store = useStore(settle);
    const every = Uint8Array.from({ length: 256 }, (_, i) => i);

    it('returns a version exactly as it was written', async () => {
      const version = aVersion({
        id: 'exact',
        type: 'Patient',
        body: every,
        patients: ['a', 'b'],
        lastUpdated: 1_234_567_890_123,
        method: 'PUT',
        leaf: 'leaf of exact',
        index: [{ kind: 'token', param: 'x', system: null, code: 'y' }],
      });
      await store().write({ versions: [version] });
      const stored: Partial<VersionWrite> = { ...version };
      delete (stored as { index?: unknown }).index;
      for (const read of [
        await store().versions.current('Patient', 'exact'),
        await store().versions.version('Patient', 'exact', 1),
        (await store().versions.history('Patient', 'exact', { count: 1 }))[0],
      ]) {
        assert.ok(read);
        assert.deepEqual({ ...read, body: [...read.body] }, { ...stored, body: [...every] });
      }
    });

    it('keeps every version, and shows the deletion as the current one', async () => {
      const write = (version: number, deleted: boolean) =>
        store().write({
          versions: [
            aVersion({
              id: 'life',
              version,
              deleted,
              method: deleted ? 'DELETE' : 'PUT',
              body: deleted ? new Uint8Array() : bytes(`body ${version}`),
            }),
          ],
        });
      await write(1, false);
      await write(2, true);
      const gone = await store().versions.current('Observation', 'life');
      assert.deepEqual([gone?.version, gone?.deleted, gone?.body.length], [2, true, 0]);
      await write(3, false);
      assert.equal((await store().versions.current('Observation', 'life'))?.deleted, false);
      assert.equal(
        text((await store().versions.version('Observation', 'life', 1))?.body),
        'body 1',
      );
      assert.equal((await store().versions.version('Observation', 'life', 2))?.deleted, true);
    });

    it('pages a history, newest first', async () => {
      for (let version = 1; version <= 5; version += 1)
        await store().write(aWrite({ id: 'h', version }));
      await store().write(aWrite({ id: 'h', type: 'Patient' }));
      const page = async (count: number, before?: number) => {
        const asked = before === undefined ? { count } : { count, before };
        return (await store().versions.history('Observation', 'h', asked)).map(
          ({ version }) => version,
        );
      };
      assert.deepEqual(await page(10), [5, 4, 3, 2, 1]);
      assert.deepEqual(await page(2), [5, 4]);
      assert.deepEqual(await page(2, 4), [3, 2]);
      assert.deepEqual(await page(2, 1), []);
      assert.equal(await store().versions.historyCount('Observation', 'h'), 5);
    });

    it('gives the current versions of what has a newer one, of many at once', async () => {
      const name = (id: string, version: number, type = 'Observation') => ({ type, id, version });
      const newer = async (...named: ReturnType<typeof name>[]): Promise<string[]> =>
        (await store().versions.newerThan(named))
          .map(({ type, id, version, deleted, body }) =>
            [type, id, version, deleted, body.length > 0].join(' '),
          )
          .sort();
      for (const id of ['newer-1', 'newer-2', 'newer-3']) await store().write(aWrite({ id }));
      await store().write(aWrite({ id: 'newer-1', type: 'Patient' }));
      await store().write(aWrite({ id: 'newer-2', version: 2 }));
      await store().write(
        aWrite({ id: 'newer-3', version: 2, deleted: true, body: Buffer.alloc(0) }),
      );
      assert.deepEqual(
        await newer(
          name('newer-1', 1),
          name('newer-2', 1),
          name('newer-3', 1),
          name('newer-1', 1, 'Patient'),
          name('newer-4', 1),
        ),
        ['Observation newer-2 2 false true', 'Observation newer-3 2 true false'],
      );
      assert.deepEqual(await newer(name('newer-2', 2), name('newer-3', 2)), []);
      // Several versions of one resource: once.
      assert.equal((await newer(name('newer-2', 2), name('newer-2', 1))).length, 1);
      assert.deepEqual(await newer(), []);
      const many = Array.from({ length: 2_000 }, (_, i) => name(`newer-${i}`, 1));
      assert.equal((await newer(...many)).length, 2);
    });

    it('knows nothing of what never existed', async () => {
      assert.equal(await store().versions.current('Observation', 'nobody'), undefined);
      assert.equal(await store().versions.version('Observation', 'nobody', 1), undefined);
      assert.deepEqual(await store().versions.history('Observation', 'nobody', { count: 5 }), []);
      assert.equal(await store().versions.historyCount('Observation', 'nobody'), 0);
      assert.equal(await store().records.record('nothing', 'k'), undefined);
      assert.equal((await store().records.records('nothing')).size, 0);
      assert.equal(await store().leaves.leaf('nobody'), undefined);
      await store().write(aWrite({ id: 'nobody' }));
      assert.equal((await store().versions.current('Observation', 'nobody'))?.version, 1);
      assert.equal(await store().versions.current('Patient', 'nobody'), undefined);
      assert.equal(await store().versions.version('Observation', 'nobody', 2), undefined);
    });

    it('lists the records of one collection by key, whatever characters keys have', async () => {
      const keys = ['$where', 'a.b', 'z', 'Ä', '{"$gt":""}', '__proto__', '𝒜', '\uFFFD'];
      const put = (collection: string, key: string) => ({ collection, key, value: bytes(key) });
      await store().write({
        records: [...keys.map((key) => put('odd.$keys', key)), put('odd', 'other')],
      });
      const found = await store().records.records('odd.$keys');
      assert.deepEqual(
        [...found].map(([key, value]) => [key, text(value)]),
        [...keys].sort((a, b) => Buffer.compare(bytes(a), bytes(b))).map((key) => [key, key]),
      );
    });
  });
}

function describeEnd(settle: () => Promise<StoreHome>): void {
  describe('open and close', () => {
    it('finds everything again after reopening', () =>
      withHome(settle, async (home) => {
        const query = {
          type: 'Observation',
          filter: { op: 'token', param: 'p', code: 'c' },
          sort: [{ param: 'p', descending: true }],
          count: 1,
          total: 'accurate',
        } as const;
        const index = [{ kind: 'token', param: 'p', system: 'http://s', code: 'c' } as const];
        const first = await home.open();
        for (const id of ['1', '2', '3']) await first.write(aWrite({ id, index }));
        await first.write({ records: [{ collection: 'c', key: 'k', value: bytes('v') }] });
        const page = await first.versions.search(query);
        await first.close();

        const second = await home.open();
        assert.equal((await second.versions.current('Observation', '2'))?.version, 1);
        assert.equal(text(await second.records.record('c', 'k')), 'v');
        assert.equal(await second.leaves.backlog(), 3);
        const rest = await second.versions.search({ ...query, page: page.links.next ?? '' });
        assert.deepEqual([rest.matches.map(({ id }) => id), rest.total], [['2'], 3]);
        await assert.rejects(second.write(aWrite({ id: '3' })), StoreConflict);
        await second.write(aWrite({ id: '3', version: 2 }));
        await second.write(aWrite({ id: '4', index }));
        await second.close();
      }));

    it('is ready while open', () =>
      withHome(settle, async (home) => {
        const store = await home.open();
        await store.ready();
        await store.close();
        await assert.rejects(store.ready(), StoreUnavailable);
      }));

    it('finishes the writes under way when it closes, and refuses all use afterwards', () =>
      withHome(settle, async (home) => {
        const store = await home.open();
        const writes = Array.from({ length: 40 }, (_, i) =>
          store.write(aWrite({ id: `last-${i}` })),
        );
        const closed = store.close();
        await Promise.all([...writes, closed]);
        const query = {
          type: 'X',
          filter: { op: 'and', all: [] },
          sort: [],
          count: 1,
          total: 'none',
        } as const;
        for (const use of [
          () => store.write(aWrite({ id: 'late' })),
          () => store.versions.current('Observation', 'last-1'),
          () => store.versions.search(query),
          () => store.records.record('c', 'k'),
          () => store.leaves.queued(1),
          () => store.leaves.closeBatch('t', undefined),
          () => store.leaves.leafHashes(0, 1),
        ]) {
          await assert.rejects(use, (error) => {
            assert.ok(error instanceof StoreUnavailable);
            assert.match(error.message, /^[A-Z][a-z ]+$/);
            return true;
          });
        }
        await store.close();
        const again = await home.open();
        assert.equal(await again.leaves.backlog(), 40);
        assert.equal(await again.versions.current('Observation', 'late'), undefined);
        await again.close();
      }));
  });
}
