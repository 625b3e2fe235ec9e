import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareText } from '../../src/search/compare.ts';
import { matches } from '../../src/search/matches.ts';
import type { Filter, SearchQuery, SortKey } from '../../src/search/query.ts';
import type { ResourceStore, VersionWrite } from '../../src/store/resource-store.ts';
import { someFilter, someResources } from '../support/random-search.ts';
import type { RandomResource } from '../support/random-search.ts';
import { useStore } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion } from '../support/store-samples.ts';

const sorts: readonly (readonly SortKey[])[] = [
  [],
  [{ param: '_lastUpdated', descending: true }],
  [{ param: '_lastUpdated', descending: false }],
  [{ param: '_id', descending: true }],
  [
    { param: '_lastUpdated', descending: false },
    { param: '_id', descending: true },
  ],
];

/** Searches of several types at once. */
export function describeTypes(settle: () => Promise<StoreHome>): void {
  describe('search of several types', () => {
    const store = useStore(settle);
    let worlds = 0;

    it('has one order, one paging and one total over all of them', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(someResources, someFilter), { minLength: 1, maxLength: 4 }),
          fc.constantFrom(...sorts),
          fc.integer({ min: 1, max: 7 }),
          async (parts, sort, count) => {
            worlds += 1;
            const typed = parts.map(([resources, filter], i) => ({
              type: `World${worlds}${'CAB'[i] ?? ''}`,
              resources,
              filter,
            }));
            const expected: { readonly type: string; readonly resource: VersionWrite }[] = [];
            for (const { type, resources, filter } of typed) {
              for (const resource of await write(store(), type, resources)) {
                if (matches(resource, filter)) expected.push({ type, resource });
              }
            }
            expected.sort((a, b) => compare(sort, a, b));
            const [first, ...others] = typed.map(({ type, filter }) => ({ type, filter }));
            assert.ok(first);
            const query: SearchQuery = { ...first, others, sort, count, total: 'accurate' };
            assert.deepEqual(
              await walk(store(), query, expected.length),
              expected.map(({ type, resource }) => `${type}/${resource.id}`),
            );
            const counted = await store().search({ ...query, count: 0 });
            assert.equal(counted.total, expected.length);
          },
        ),
        { numRuns: 60 },
      );
    });

    it('are those of which something was written', async () => {
      await store().write({
        versions: [
          aVersion({ type: 'Written1', id: 'a' }),
          aVersion({ type: 'Written2', id: 'a' }),
        ],
      });
      const types = await store().types();
      assert.ok(types.has('Written1') && types.has('Written2'));
      assert.ok(!types.has('Written'));
    });

    it('takes no page of another choice of types', async () => {
      const all: Filter = { op: 'and', all: [] };
      const types = ['Choice1', 'Choice2', 'Choice3'];
      await store().write({
        versions: types.flatMap((type) => ['a', 'b'].map((id) => aVersion({ type, id }))),
      });
      const ask = (named: readonly string[], page?: string) => {
        const [first = '', ...rest] = named;
        return store().search({
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

async function walk(
  store: ResourceStore,
  query: SearchQuery,
  total: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  let page = await store.search(query);
  for (;;) {
    assert.equal(page.total, total);
    found.push(...page.matches.map(({ type, id }) => `${type}/${id}`));
    if (page.links.next === undefined) return found;
    assert.equal(page.matches.length, query.count);
    page = await store.search({ ...query, page: page.links.next });
  }
}

/** @returns what is current and undeleted afterwards */
async function write(
  store: ResourceStore,
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

type Found = { readonly type: string; readonly resource: VersionWrite };

function compare(sort: readonly SortKey[], a: Found, b: Found): number {
  for (const { param, descending } of sort) {
    const order =
      param === '_id'
        ? compareText(a.resource.id, b.resource.id)
        : a.resource.lastUpdated - b.resource.lastUpdated;
    if (order !== 0) return descending ? -order : order;
  }
  return compareText(a.type, b.type) || compareText(a.resource.id, b.resource.id);
}
