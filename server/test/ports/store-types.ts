import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { matches } from '../../src/search/matches.ts';
import type { Filter, IndexEntry, SearchQuery, SortTarget } from '../../src/search/query.ts';
import type { Store } from '../../src/store/store.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { compareBy } from '../support/port-order.ts';
import { someFilter, someResources, someSort } from '../support/random-search.ts';
import type { RandomResource } from '../support/random-search.ts';
import { useStore } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion, token } from '../support/store-samples.ts';

/** Searches of several types at once. */
export function describeTypes(settle: () => Promise<StoreHome>): void {
  describe('search of several types', () => {
    const store = useStore(settle);
    let worlds = 0;

    it('has one order, one paging and one total over all of them', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(someResources, someFilter), { minLength: 1, maxLength: 4 }),
          someSort,
          fc.integer({ min: 1, max: 7 }),
          async (parts, sort, count) => {
            worlds += 1;
            const typed = parts.map(([resources, filter], i) => ({
              type: `World${worlds}${'CAB'[i] ?? ''}`,
              resources,
              filter,
            }));
            const expected: VersionWrite[] = [];
            for (const { type, resources, filter } of typed) {
              for (const resource of await write(store(), type, resources)) {
                if (matches(resource, filter)) expected.push(resource);
              }
            }
            expected.sort(compareBy(sort));
            const [first, ...others] = typed.map(({ type, filter }) => ({ type, filter }));
            assert.ok(first);
            const query: SearchQuery = { ...first, others, sort, count, total: 'accurate' };
            assert.deepEqual(
              await walk(store(), query, expected.length),
              expected.map(({ type, id }) => `${type}/${id}`),
            );
            const counted = await store().versions.search({ ...query, count: 0 });
            assert.equal(counted.total, expected.length);
          },
        ),
        { numRuns: 80 },
      );
    });

    it('is in the order of what resources of each type refer to', async () => {
      const name = (text: string): IndexEntry[] => [
        { kind: 'string', param: 'name', value: text, folded: text },
      ];
      const link = (target: string): IndexEntry[] => [{ kind: 'reference', param: 'link', target }];
      await store().write({
        versions: [
          aVersion({ type: 'Led', id: 'a', index: name('c') }),
          aVersion({ type: 'Led', id: 'b', index: name('a') }),
          aVersion({ type: 'Lead1', id: 'x', index: link('Led/a') }),
          aVersion({ type: 'Lead1', id: 'y', index: link('Led/none') }),
          aVersion({ type: 'Lead1', id: 'z', index: link('Lead2/x') }),
          aVersion({ type: 'Lead2', id: 'x', index: [...link('Led/b'), ...name('b')] }),
        ],
      });
      const all: Filter = { op: 'and', all: [] };
      const target = (type: string): SortTarget => ({
        type,
        within: all,
        value: { param: 'name' },
      });
      for (const descending of [false, true]) {
        const found = await walk(
          store(),
          {
            type: 'Lead2',
            filter: all,
            others: [{ type: 'Lead1', filter: all }],
            sort: [{ param: 'link', through: [target('Led'), target('Lead2')], descending }],
            count: 1,
            total: 'accurate',
          },
          4,
        );
        const named = ['Lead2/x', 'Lead1/z', 'Lead1/x'];
        assert.deepEqual(found, [...(descending ? named.reverse() : named), 'Lead1/y']);
      }
    });

    it('are those of which something was written', async () => {
      await store().write({
        versions: [
          aVersion({ type: 'Written1', id: 'a' }),
          aVersion({ type: 'Written2', id: 'a' }),
        ],
      });
      const types = await store().versions.types();
      assert.ok(types.has('Written1') && types.has('Written2'));
      assert.ok(!types.has('Written'));
    });

    it('have codes, told once each, but for those that are known', async () => {
      const coded = (type: string, id: string, ...codes: string[]) =>
        aVersion({ type, id, index: codes.map((code) => token('kind', null, code)) });
      await store().write({
        versions: [
          ...Array.from({ length: 30 }, (_, i) => coded('Coded1', `m${i}`, 'many', 'x')),
          coded('Coded1', 'a', 'few', 'é'),
          coded('Coded2', 'a', 'other'),
          aVersion({ type: 'Coded1', id: 'b', index: [token('sort', 'http://s', 'no')] }),
        ],
      });
      const codes = async (param: string, ...known: string[]) =>
        [...(await store().versions.codes('Coded1', param, new Set(known)))].sort();
      assert.deepEqual(await codes('kind'), ['few', 'many', 'x', 'é']);
      assert.deepEqual(await codes('kind', 'many', 'é', 'unheard'), ['few', 'x']);
      assert.deepEqual(await codes('kind', 'few', 'many', 'x', 'é'), []);
      assert.deepEqual(await codes('sort'), ['no']);
      assert.deepEqual(await codes('none'), []);
      await store().write({
        versions: [aVersion({ type: 'Coded1', id: 'c', index: [token('kind', null, 'new')] })],
      });
      assert.deepEqual(await codes('kind', 'few', 'many', 'x', 'é'), ['new']);
    });

    it('takes no page of another choice of types', async () => {
      const all: Filter = { op: 'and', all: [] };
      const types = ['Choice1', 'Choice2', 'Choice3'];
      await store().write({
        versions: types.flatMap((type) => ['a', 'b'].map((id) => aVersion({ type, id }))),
      });
      const ask = (named: readonly string[], page?: string) => {
        const [first = '', ...rest] = named;
        return store().versions.search({
          type: first,
          filter: all,
          others: rest.map((type) => ({ type, filter: all })),
          sort: [],
          count: 1,
          total: 'none',
          ...(page === undefined ? {} : { page }),
        });
      };
      const { next } = (await ask(types)).links;
      assert.ok(next);
      assert.equal((await ask(types, next)).matches[0]?.id, 'b');
      await assert.rejects(ask(types.slice(0, 2), next), RangeError);
    });
  });
}

/** All pages, to the end and back. */
async function walk(store: Store, query: SearchQuery, total: number): Promise<readonly string[]> {
  const found: string[] = [];
  let page = await store.versions.search(query);
  for (;;) {
    assert.equal(page.total, total);
    found.push(...page.matches.map(({ type, id }) => `${type}/${id}`));
    if (page.links.next === undefined) break;
    assert.equal(page.matches.length, query.count);
    page = await store.versions.search({ ...query, page: page.links.next });
  }
  let before = found.length - page.matches.length;
  while (page.links.previous !== undefined) {
    page = await store.versions.search({ ...query, page: page.links.previous });
    const names = page.matches.map(({ type, id }) => `${type}/${id}`);
    assert.deepEqual(names, found.slice(before - query.count, before));
    before -= query.count;
  }
  assert.ok(before <= 0 || found.length <= query.count);
  return found;
}

/** @returns what is current and undeleted afterwards */
async function write(
  store: Store,
  type: string,
  resources: readonly RandomResource[],
): Promise<readonly VersionWrite[]> {
  const firsts = resources.map(({ first }) => aVersion({ ...first, type }));
  const seconds = resources.flatMap(({ first, second }) =>
    second === undefined ? [] : [aVersion({ ...first, ...second, type })],
  );
  await store.write({ versions: firsts });
  await store.write({ versions: seconds });
  const current = new Map([...firsts, ...seconds].map((version) => [version.id, version]));
  return [...current.values()].filter(({ deleted }) => !deleted);
}
