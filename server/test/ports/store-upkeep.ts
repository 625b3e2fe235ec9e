import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { Filter } from '../../src/search/query.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { useStore } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion, token } from '../support/store-samples.ts';

/** Indexing again what is stored. */
export function describeUpkeep(settle: () => Promise<StoreHome>): void {
  describe('upkeep of the index', () => {
    const store = useStore(settle);
    const find = async (type: string, filter: Filter): Promise<readonly string[]> => {
      const page = await store().versions.search({
        type,
        filter,
        sort: [],
        count: 50,
        total: 'none',
      });
      return page.matches.map(({ id }) => id);
    };
    const coded = (code: string): Filter => ({ op: 'token', param: 'code', code });

    it('goes through what is current of a type in the order of ids', async () => {
      const version = (id: string, more: Partial<VersionWrite> = {}) =>
        aVersion({ type: 'Kept1', id, ...more });
      const ids = ['c', 'a', 'B', 'a.1', 'a-1', '10', '9', 'gone', 'Z'];
      await store().write({ versions: ids.map((id) => version(id)) });
      await store().write({
        versions: [
          version('gone', { version: 2, deleted: true, body: Buffer.of() }),
          version('c', { version: 2 }),
          aVersion({ type: 'Kept10', id: 'other' }),
        ],
      });
      const found: string[] = [];
      for (let after: string | undefined; ;) {
        const slice = await store().versions.scan('Kept1', {
          count: 3,
          ...(after !== undefined && { after }),
        });
        assert.ok(slice.length <= 3);
        found.push(...slice.map(({ id, version: number }) => `${id}@${number}`));
        after = slice.at(-1)?.id;
        if (after === undefined) break;
      }
      assert.deepEqual(found, ['10@1', '9@1', 'B@1', 'Z@1', 'a@1', 'a-1@1', 'a.1@1', 'c@2']);
    });

    it('explains a search without any value of it or of the data', async () => {
      const versions = Array.from({ length: 50 }, (_, i) =>
        aVersion({
          type: 'Kept3',
          id: `hidden${i}`,
          patients: ['hidden'],
          index: [token('code', null, `hidden${i % 5}`)],
        }),
      );
      await store().write({ versions });
      const ask = (filter: Filter) =>
        store().versions.explain({ type: 'Kept3', filter, sort: [], count: 5, total: 'none' });
      const [found, ...more] = await ask(coded('hidden1'));
      assert.equal(more.length, 0);
      assert.deepEqual([found?.type, found?.looksAt], ['Kept3', 'criterion']);
      assert.ok((found?.statements[0]?.steps.length ?? 0) > 0);
      assert.doesNotMatch(JSON.stringify(found), /hidden/);
      const [whole] = await ask({ op: 'and', all: [] });
      assert.equal(whole?.looksAt, 'type');
      const chain: Filter = { op: 'and', all: [] };
      const link = {
        op: 'chain',
        param: 'who',
        type: 'Kept2',
        filter: coded('hidden'),
        within: chain,
      };
      assert.doesNotMatch(JSON.stringify(await ask(link as Filter)), /hidden/);
    });

    const of = (...patients: string[]): Filter => ({ op: 'patients', mode: 'in', patients });
    const notOf = (...patients: string[]): Filter => ({ op: 'patients', mode: 'not-in', patients });
    const changed = async (type: string, narrowed: Filter): Promise<readonly string[]> => {
      const { versions } = await store().versions.changes({ types: [type], narrowed, count: 50 });
      return versions.map(({ id, version }) => `${id}@${version}`).sort();
    };

    it('replaces whom versions concern, if nobody else has, in all that is asked of them', async () => {
      const version = (id: string, more: Partial<VersionWrite> = {}) =>
        aVersion({
          type: 'Kept4',
          id,
          patients: ['p1'],
          index: [{ kind: 'reference', param: 'who', target: 'Patient/p9' }],
          ...more,
        });
      await store().write({ versions: [version('a'), version('b'), version('c')] });
      await store().write({
        versions: [
          version('b', { version: 2 }),
          version('c', { version: 2, deleted: true, body: Buffer.of(), index: [] }),
        ],
      });
      const assign = (id: string, number: number, before: string[], patients: string[]) =>
        store().versions.assign([{ type: 'Kept4', id, version: number, before, patients }]);
      await assign('a', 1, ['p1'], ['p2', 'p3']);
      await assign('b', 1, ['p1'], ['p2']);
      await assign('b', 2, ['p5'], ['p2']);
      await assign('c', 2, ['p1'], ['p3']);
      await assign('none', 1, ['p1'], ['p2']);
      const patientsOf = async (id: string, number: number) =>
        (await store().versions.version('Kept4', id, number))?.patients;
      assert.deepEqual(await patientsOf('a', 1), ['p2', 'p3']);
      assert.deepEqual((await store().versions.current('Kept4', 'a'))?.patients, ['p2', 'p3']);
      assert.deepEqual([await patientsOf('b', 1), await patientsOf('b', 2)], [['p2'], ['p1']]);
      assert.deepEqual([await patientsOf('c', 1), await patientsOf('c', 2)], [['p1'], ['p3']]);
      assert.deepEqual(await find('Kept4', of('p2', 'p3')), ['a']);
      assert.deepEqual(await find('Kept4', of('p2')), []);
      assert.deepEqual(await find('Kept4', of('p1')), ['b']);
      assert.deepEqual(await find('Kept4', notOf('p2')), ['b']);
      assert.deepEqual(await changed('Kept4', of('p2', 'p3')), ['a@1', 'b@1', 'c@2']);
      assert.deepEqual(await changed('Kept4', of('p1')), ['b@2', 'c@1']);
      assert.deepEqual(await changed('Kept4', { op: 'not', filter: notOf('p3') }), ['a@1', 'c@2']);
      await assign('a', 1, ['p2', 'p3'], []);
      assert.deepEqual(await find('Kept4', of()), ['a']);
      assert.deepEqual(await changed('Kept4', of()), ['a@1']);
      await assign('a', 1, [], ['p4']);
      assert.deepEqual([await find('Kept4', of()), await find('Kept4', of('p4'))], [[], ['a']]);
      // An index that is written again keeps what was found out meanwhile.
      await store().versions.reindex([version('a', { patients: ['p4'] })]);
      assert.deepEqual(await find('Kept4', of('p4')), ['a']);
    });

    it('gives to one patient whatever concerned nobody, of some types', async () => {
      const version = (type: string, id: string, more: Partial<VersionWrite> = {}) =>
        aVersion({ type, id, patients: [], ...more });
      const many = Array.from({ length: 1_200 }, (_, i) => version('Kept5', `n${i}`));
      await store().write({ versions: many });
      await store().write({
        versions: [
          version('Kept5', 'n0', { version: 2 }),
          version('Kept5', 'n1', { version: 2, deleted: true, body: Buffer.of() }),
          version('Kept5', 'owned', { patients: ['p1'] }),
          version('Kept6', 'other'),
        ],
      });
      assert.equal(await store().versions.assignUnowned(['Kept5', 'Kept7'], ':one'), 1_202);
      assert.equal(await store().versions.assignUnowned(['Kept5', 'Kept7'], ':one'), 0);
      const total = async (type: string, filter: Filter): Promise<number | undefined> =>
        (await store().versions.search({ type, filter, sort: [], count: 0, total: 'accurate' }))
          .total;
      assert.equal(await total('Kept5', of()), 0);
      assert.equal(await total('Kept5', of(':one')), 1_199);
      assert.equal(await total('Kept6', of()), 1);
      assert.deepEqual(await changed('Kept5', of()), []);
      assert.deepEqual((await store().versions.version('Kept5', 'n0', 1))?.patients, [':one']);
      assert.deepEqual((await store().versions.current('Kept5', 'n1'))?.patients, [':one']);
      assert.deepEqual((await store().versions.current('Kept5', 'owned'))?.patients, ['p1']);
    });

    it('replaces the index of current versions, and of no others', async () => {
      const version = (id: string, more: Partial<VersionWrite> = {}) =>
        aVersion({
          type: 'Kept2',
          id,
          patients: ['p1'],
          index: [token('code', null, 'old')],
          ...more,
        });
      await store().write({ versions: ['a', 'b', 'c'].map((id) => version(id)) });
      await store().write({
        versions: [
          version('b', { version: 2 }),
          version('c', { version: 2, deleted: true, body: Buffer.of(), index: [] }),
        ],
      });
      const again = (id: string, number: number) =>
        version(id, { version: number, index: [token('code', null, 'new')] });
      await store().versions.reindex([again('a', 1), again('b', 1), again('c', 1), again('d', 1)]);
      assert.deepEqual(await find('Kept2', coded('new')), ['a']);
      assert.deepEqual(await find('Kept2', coded('old')), ['b']);
      const own: Filter = { op: 'patients', mode: 'in', patients: ['p1'] };
      assert.deepEqual(await find('Kept2', own), ['a', 'b']);
      assert.deepEqual(await find('Kept2', { op: 'patients', mode: 'in', patients: ['p2'] }), []);
      assert.equal((await store().versions.current('Kept2', 'a'))?.version, 1);
    });
  });
}
