import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { containedMatches, matches } from '../../src/search/matches.ts';
import type {
  ContainedIndex,
  Filter,
  IndexEntry,
  SearchQuery,
  SortKey,
  TypedFilter,
} from '../../src/search/query.ts';
import type { Store } from '../../src/store/store.ts';
import type { SearchPage, VersionWrite } from '../../src/store/version-store.ts';
import { compareBy } from '../support/port-order.ts';
import { someFilter, someResources } from '../support/random-search.ts';
import type { RandomResource } from '../support/random-search.ts';
import { useStore } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion, token } from '../support/store-samples.ts';

const all: Filter = { op: 'and', all: [] };

/** Searches for what resources contain. */
export function describeContained(settle: () => Promise<StoreHome>): void {
  describe('search of contained resources', () => {
    const store = useStore(settle);
    let worlds = 0;

    it('finds containers by what they contain', async () => {
      await fc.assert(
        fc.asyncProperty(
          someWorld,
          someInside,
          someFilter,
          fc.constantFrom('and', 'or', 'not', 'alone'),
          async (world, inside, filter, how) => {
            worlds += 1;
            const written = await write(store(), `Holder${worlds}`, world);
            const combined = combine(inside, filter, how);
            const expected = written.filter((resource) => matches(resource, combined));
            await check(store(), {
              query: { type: `Holder${worlds}`, filter: combined },
              sort: [],
              expected: expected.map((resource) => ({ resource, place: undefined })),
            });
          },
        ),
        { numRuns: 120 },
      );
    });

    it('shows what is contained, row by row, alone and among resources', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(someWorld, someFilter), { minLength: 1, maxLength: 3 }),
          someInside,
          fc.option(someFilter),
          someOwnSort,
          async (parts, { type, filter }, alongside, sort) => {
            worlds += 1;
            const typed: TypedFilter[] = [];
            const expected: Row[] = [];
            for (const [i, [world, outer]] of parts.entries()) {
              const name = `Shown${worlds}${'CAB'[i] ?? ''}`;
              const written = await write(store(), name, world);
              typed.push({ type: name, filter: outer, inside: { type, filter } });
              for (const resource of written.filter((each) => matches(each, outer))) {
                for (const one of resource.inside ?? []) {
                  if (containedMatches(one, { type, filter }))
                    expected.push({ resource, place: one.place });
                }
              }
              if (alongside === null) continue;
              typed.push({ type: name, filter: alongside });
              for (const resource of written.filter((each) => matches(each, alongside)))
                expected.push({ resource, place: undefined });
            }
            const [first, ...others] = typed;
            assert.ok(first);
            await check(store(), {
              query: others.length === 0 ? first : { ...first, others },
              sort,
              expected,
            });
          },
        ),
        { numRuns: 120 },
      );
    });

    it('asks everything of the same contained resource', async () => {
      const type = 'Same';
      const one = (place: number, ...index: IndexEntry[]): ContainedIndex => ({
        type: 'Inner',
        id: `i${place}`,
        place,
        index,
      });
      const red = token('colour', null, 'red');
      const big = token('size', null, 'big');
      await store().write({
        versions: [
          aVersion({ type, id: 'apart', inside: [one(0, red), one(1, big)] }),
          aVersion({ type, id: 'together', inside: [one(0, red, big)] }),
          aVersion({ type, id: 'outside', index: [red, big], inside: [one(3, red)] }),
          aVersion({ type, id: 'none', index: [red, big] }),
        ],
      });
      const ask = async (filter: Filter): Promise<readonly string[]> => {
        const inside: Filter = { op: 'inside', type: 'Inner', filter };
        const found = await store().versions.search(asked({ type, filter: inside }, []));
        return found.matches.map(({ id }) => id);
      };
      const isRed: Filter = { op: 'token', param: 'colour', code: 'red' };
      const isBig: Filter = { op: 'token', param: 'size', code: 'big' };
      assert.deepEqual(await ask({ op: 'and', all: [isRed, isBig] }), ['together']);
      assert.deepEqual(await ask({ op: 'and', all: [isRed, { op: 'not', filter: isBig }] }), [
        'apart',
        'outside',
      ]);
      assert.deepEqual(await ask({ op: 'id', ids: ['i3', 'i1'] }), ['apart', 'outside']);
      assert.deepEqual(await ask(all), ['apart', 'outside', 'together']);
    });

    it('follows what contained resources refer to, as far as it may be looked at', async () => {
      const type = 'Leading';
      const link = (target: string): IndexEntry => ({ kind: 'reference', param: 'link', target });
      const inside = (target: string): ContainedIndex[] => [
        { type: 'Inner', id: 'i', place: 0, index: [link(target)] },
      ];
      const good = token('is', null, 'good');
      await store().write({
        versions: [
          aVersion({ type: 'Led', id: 'good', index: [good], patients: ['p1'] }),
          aVersion({ type: 'Led', id: 'hidden', index: [good], patients: ['p2'] }),
          aVersion({ type: 'Led', id: 'bad', patients: ['p1'] }),
          aVersion({ type, id: 'to-good', inside: inside('Led/good') }),
          aVersion({ type, id: 'to-hidden', inside: inside('Led/hidden') }),
          aVersion({ type, id: 'to-bad', inside: inside('Led/bad') }),
          aVersion({ type, id: 'itself', index: [link('Led/good')], inside: inside('Led/none') }),
        ],
      });
      const ask = async (within: Filter): Promise<readonly string[]> => {
        const filter: Filter = {
          op: 'chain',
          param: 'link',
          type: 'Led',
          filter: { op: 'token', param: 'is', code: 'good' },
          within,
        };
        const containers = asked({ type, filter: { op: 'inside', type: 'Inner', filter } }, []);
        const { matches: found } = await store().versions.search(containers);
        const rows = asked({ type, filter: all, inside: { type: 'Inner', filter } }, []);
        assert.deepEqual((await store().versions.search(rows)).matches, found);
        return found.map(({ id }) => id);
      };
      assert.deepEqual(await ask(all), ['to-good', 'to-hidden']);
      assert.deepEqual(await ask({ op: 'patients', mode: 'in', patients: ['p1'] }), ['to-good']);
      assert.deepEqual(await ask({ op: 'or', any: [] }), []);
    });

    it('shows each page as of one moment, whatever is written meanwhile', async () => {
      const type = 'Moment';
      const inside = (...places: number[]): ContainedIndex[] =>
        places.map((place) => ({ type: 'Inner', id: `i${place}`, place, index: [] }));
      const ids = ['a', 'b', 'c', 'd'];
      await store().write({
        versions: ids.map((id) => aVersion({ type, id, inside: inside(0, 1, 4) })),
      });
      const query = {
        ...asked({ type, filter: all, inside: { type: 'Inner', filter: all } }, []),
        count: 2,
      };
      let page = await store().versions.search(query);
      const seen = rowsOf(page);
      await store().write({
        versions: [
          aVersion({ type, id: 'a', version: 2, inside: inside(7) }),
          aVersion({ type, id: 'b', version: 2 }),
          aVersion({ type, id: 'c', version: 2, deleted: true }),
          aVersion({ type, id: 'ab', inside: inside(0) }),
        ],
      });
      while (page.links.next !== undefined) {
        page = await store().versions.search({ ...query, page: page.links.next });
        seen.push(...rowsOf(page));
        assert.equal(page.total, 12);
      }
      const then = ids.flatMap((id) => [0, 1, 4].map((place) => `${type}/${id}/1#${place}`));
      assert.deepEqual(seen, then);
      assert.deepEqual(rowsOf(await store().versions.search({ ...query, count: 50 })), [
        `${type}/a/2#7`,
        `${type}/ab/1#0`,
        ...[0, 1, 4].map((place) => `${type}/d/1#${place}`),
      ]);
    });

    it('is as a version is indexed again', async () => {
      const type = 'Again';
      const inner = (code: string): ContainedIndex[] => [
        { type: 'Inner', id: 'i', place: 0, index: [token('is', null, code)] },
      ];
      const before = aVersion({ type, id: 'a', inside: inner('old') });
      await store().write({
        versions: [before, aVersion({ type, id: 'b', inside: inner('old') })],
      });
      const ask = async (code: string): Promise<readonly string[]> => {
        const filter: Filter = { op: 'token', param: 'is', code };
        return rowsOf(
          await store().versions.search(
            asked({ type, filter: all, inside: { type: 'Inner', filter } }, []),
          ),
        );
      };
      await store().versions.reindex([{ ...before, inside: inner('new') }]);
      assert.deepEqual(await ask('new'), [`${type}/a/1#0`]);
      assert.deepEqual(await ask('old'), [`${type}/b/1#0`]);
      await store().versions.reindex([aVersion({ type, id: 'a' })]);
      assert.deepEqual(await ask('new'), []);
    });

    it('takes no page of the containers for one of what they contain', async () => {
      const type = 'Foreign';
      const inside: ContainedIndex[] = [{ type: 'Inner', id: '', place: 0, index: [] }];
      await store().write({
        versions: ['a', 'b', 'c'].map((id) => aVersion({ type, id, inside })),
      });
      const rows = {
        ...asked({ type, filter: all, inside: { type: 'Inner', filter: all } }, []),
        count: 1,
      };
      const { next: page } = (await store().versions.search(rows)).links;
      assert.ok(page);
      assert.deepEqual(rowsOf(await store().versions.search({ ...rows, page })), [`${type}/b/1#0`]);
      const containers = { ...asked({ type, filter: all }, []), count: 1, page };
      await assert.rejects(store().versions.search(containers), RangeError);
    });
  });
}

interface Row {
  readonly resource: VersionWrite;
  readonly place: number | undefined;
}

/** Resources, and what some of their versions contain. */
interface RandomWorld {
  readonly resources: readonly RandomResource[];
  readonly pool: readonly RandomResource[];
  readonly picks: readonly (readonly number[])[];
}

const someWorld: fc.Arbitrary<RandomWorld> = fc.record({
  resources: someResources,
  pool: someResources,
  picks: fc.array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 24, maxLength: 24 }),
});

const someOwnSort: fc.Arbitrary<readonly SortKey[]> = fc.array(
  fc.record({ param: fc.constantFrom('_id', '_lastUpdated'), descending: fc.boolean() }),
  { maxLength: 2 },
);

const someInside = fc
  .tuple(fc.constantFrom('In1', 'In2', 'In3'), someFilter)
  .map(([type, filter]) => ({ op: 'inside' as const, type, filter: innerOf(filter) }));

/** Without what contained resources have none of. */
function innerOf(filter: Filter): Filter {
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map(innerOf) };
    case 'or':
      return { op: 'or', any: filter.any.map(innerOf) };
    case 'not':
      return { op: 'not', filter: innerOf(filter.filter) };
    case 'lastUpdated':
    case 'patients':
    case 'text':
      return { op: 'missing', param: 'token-p', missing: false };
    default:
      return filter;
  }
}

function combine(inside: Filter, filter: Filter, how: string): Filter {
  if (how === 'and') return { op: 'and', all: [filter, inside] };
  if (how === 'or') return { op: 'or', any: [filter, inside] };
  return how === 'not' ? { op: 'not', filter: inside } : inside;
}

function asked(one: TypedFilter, sort: readonly SortKey[]): SearchQuery {
  return { ...one, sort, count: 50, total: 'accurate' };
}

/** Rows, order, total and both directions of paging. */
async function check(
  store: Store,
  given: {
    readonly query: Pick<SearchQuery, 'type' | 'filter' | 'inside' | 'others'>;
    readonly sort: readonly SortKey[];
    readonly expected: readonly Row[];
  },
): Promise<void> {
  const { query, sort } = given;
  const order = compareBy(sort);
  const expected = [...given.expected]
    .sort((a, b) => order(a.resource, b.resource) || (a.place ?? -1) - (b.place ?? -1))
    .map(({ resource: { type, id, version }, place }) => nameOf(type, id, version, place ?? null));
  for (const count of [1, 3, 50]) {
    const search: SearchQuery = { ...query, sort, count, total: 'accurate' };
    let page = await store.versions.search(search);
    const found: string[] = [];
    for (;;) {
      assert.equal(page.total, expected.length);
      found.push(...rowsOf(page));
      if (page.links.next === undefined) break;
      page = await store.versions.search({ ...search, page: page.links.next });
    }
    assert.deepEqual(found, expected);
    if (page.links.last === undefined) continue;
    page = await store.versions.search({ ...search, page: page.links.last });
    const back = rowsOf(page);
    while (page.links.previous !== undefined) {
      page = await store.versions.search({ ...search, page: page.links.previous });
      back.unshift(...rowsOf(page));
    }
    assert.deepEqual(back, expected);
  }
  assert.equal(
    (await store.versions.search({ ...query, sort, count: 0, total: 'accurate' })).total,
    expected.length,
  );
}

function rowsOf({ matches: found, places }: SearchPage): string[] {
  return found.map(({ type, id, version }, i) => nameOf(type, id, version, places?.[i] ?? null));
}

function nameOf(type: string, id: string, version: number, place: number | null): string {
  return `${type}/${id}/${version}${place === null ? '' : `#${place}`}`;
}

/** @returns what is current and undeleted afterwards */
async function write(
  store: Store,
  type: string,
  { resources, pool, picks }: RandomWorld,
): Promise<readonly VersionWrite[]> {
  const holding = (pick: number): Pick<VersionWrite, 'inside'> => {
    const inside = (picks[pick] ?? []).flatMap((at, i): ContainedIndex[] => {
      const chosen = pool[at]?.first;
      if (chosen === undefined) return [];
      const index = (chosen.index ?? []).filter(({ kind }) => kind !== 'text');
      return [
        { type: `In${1 + (at % 2)}`, id: at % 5 === 0 ? '' : chosen.id, place: 2 * i, index },
      ];
    });
    return inside.length > 0 ? { inside } : {};
  };
  const firsts = resources.map(({ first }, i) => aVersion({ ...first, type, ...holding(2 * i) }));
  const seconds = resources.flatMap(({ first, second }, i) => {
    if (second === undefined) return [];
    const kept = second.deleted === true ? {} : holding(2 * i + 1);
    return [aVersion({ ...first, ...second, type, ...kept })];
  });
  await store.write({ versions: firsts });
  await store.write({ versions: seconds });
  const current = new Map([...firsts, ...seconds].map((version) => [version.id, version]));
  return [...current.values()].filter(({ deleted }) => !deleted);
}
