import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from '@jest/globals';
import type { Filter, SearchQuery } from '../../src/search/query.ts';
import { PageExpired } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import type { PageLinks, SearchPage } from '../../src/store/version-store.ts';
import { keyOf, MovingWorld, randomOf } from '../support/moving-world.ts';
import { useStore, withHome } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion, token } from '../support/store-samples.ts';

const writers = 8;
/** Versions written for each traversal. */
const mostMeanwhile = 30;

/** One page of a traversal: how it was come by, and what it was. */
interface Step {
  readonly by: 'first' | 'previous' | 'next' | 'last';
  readonly count: number;
  readonly rows: readonly string[];
  readonly links: readonly string[];
  readonly total: number | undefined;
}

interface Traversal {
  readonly query: Omit<SearchQuery, 'count'>;
  readonly steps: readonly Step[];
  readonly seed: number;
  readonly before: ReturnType<MovingWorld['progress']>;
  readonly after: ReturnType<MovingWorld['progress']>;
}

const breathe = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 2));

async function traverse(store: Store, world: MovingWorld, seed: number): Promise<Traversal> {
  const random = randomOf(seed);
  const query = world.query();
  const steps: Step[] = [];
  const size = (): number => 1 + random(random(4) === 0 ? 40 : 6);
  const step = async (by: Step['by'], page?: string): Promise<SearchPage> => {
    const count = size();
    const found = await store.versions.search({
      ...query,
      count,
      ...(page !== undefined && { page }),
    });
    steps.push({
      by,
      count,
      rows: found.matches.map(keyOf),
      links: Object.keys(found.links).sort(),
      total: found.total,
    });
    return found;
  };
  const before = world.progress();
  let { links }: { links: PageLinks } = await step('first');
  const after = world.progress();
  const go = async (by: Step['by']): Promise<boolean> => {
    const page = links[by];
    await breathe();
    if (page !== undefined) ({ links } = await step(by, page));
    return page !== undefined;
  };
  for (let i = random(6); i > 0; i -= 1) {
    await go((['first', 'previous', 'next', 'next', 'last'] as const)[random(5)] ?? 'next');
  }
  // And all of it, in one direction, with steps back.
  const [start, on, back] =
    random(2) === 0
      ? (['first', 'next', 'previous'] as const)
      : (['last', 'previous', 'next'] as const);
  await go(start);
  while (await go(on)) if (random(5) === 0) await go(back);
  return { query, steps, seed, before, after };
}

/** Whether each page is what it must be if the search found this. */
function agrees({ steps, query }: Traversal, all: readonly string[]): boolean {
  let [from, to] = [0, 0];
  return steps.every(({ by, count, rows, links, total }) => {
    if (by === 'first') [from, to] = [0, Math.min(count, all.length)];
    if (by === 'last') [from, to] = [Math.max(0, all.length - count), all.length];
    if (by === 'next') [from, to] = [to, Math.min(to + count, all.length)];
    if (by === 'previous') [from, to] = [Math.max(0, from - count), from];
    const due: string[] = [];
    if (from > 0 || to < all.length) due.push('first', 'last');
    if (from > 0) due.push('previous');
    if (to < all.length) due.push('next');
    return (
      same(rows, all.slice(from, to)) &&
      same(links, due.sort()) &&
      total === (query.total === 'accurate' ? all.length : undefined)
    );
  });
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

/** Everything of these types in the order of its commits. */
async function orderOf(store: Store, world: MovingWorld): Promise<readonly string[]> {
  const query = { types: Object.values(world.names), count: 500 };
  const order: string[] = [];
  let page = await store.versions.changes(query);
  order.push(...page.versions.map(keyOf));
  while (page.next !== undefined) {
    page = await store.versions.changes({ ...query, page: page.next });
    order.push(...page.versions.map(keyOf));
  }
  return order.reverse();
}

/** @param traversals how many, at the same time as eight writers */
export function describePages(settle: () => Promise<StoreHome>, traversals: number): void {
  describe('pages of a search', () => {
    const store = useStore(settle);

    it(
      `show one moment, in both directions, whatever is written: ${traversals} traversals`,
      async () => {
        const seed = randomInt(2 ** 31);
        console.log(`seed ${seed}`);
        const world = new MovingWorld(store(), seed);
        const done: Traversal[] = [];
        let over = false;
        // What is replaced stays searchable for a while: no resource is written thousands of times meanwhile elsewhere.
        const pace = async (): Promise<void> => {
          do await breathe();
          while (!over && world.progress().done > 150 + mostMeanwhile * (done.length + 1));
        };
        const writing = Promise.all(
          Array.from({ length: writers }, (_, writer) => world.write(writer, pace)),
        );
        while (world.progress().done < 150) await breathe();
        await Promise.all(
          Array.from({ length: 4 }, async (_, lane) => {
            for (let i = lane; i < traversals; i += 4) {
              done.push(await traverse(store(), world, seed + i));
            }
          }),
        );
        over = true;
        world.stop();
        await writing;
        const order = await orderOf(store(), world);
        assert.equal(order.length, world.progress().done);
        for (const traversal of done) {
          const possible = world.answers(order, traversal.query, {
            atLeast: world.written(traversal.before).done,
            among: world.written(traversal.after).begun,
          });
          let tried = 0;
          let found = false;
          for (const all of possible) {
            tried += 1;
            found ||= agrees(traversal, all);
          }
          assert.ok(
            found,
            `traversal ${traversal.seed - seed} of seed ${seed} agrees with none of ${tried} moments: ${JSON.stringify(traversal)}`,
          );
        }
        assert.ok(order.length > 150 + traversals, 'the writers stood still');
        const pages = done.reduce((sum, { steps }) => sum + steps.length, 0);
        console.log(`${pages} pages, ${order.length} versions written`);
      },
      60_000 + traversals * 1_000,
    );

    const asked = {
      type: 'Tide',
      filter: { op: 'and', all: [] },
      sort: [{ param: '_lastUpdated', descending: false }],
      count: 1,
      total: 'accurate',
      boundTo: 'her',
    } as const;
    const names = async (from: Store, page?: string, more = {}): Promise<string[]> => {
      const found = await from.versions.search({
        ...asked,
        ...more,
        ...(page !== undefined && { page }),
      });
      return found.matches.map(keyOf);
    };

    it('open for what they were made for alone, and after a restart', () =>
      withHome(settle, async (home) => {
        const one = await home.open();
        const ids = ['a', 'b', 'c'];
        await one.write({ versions: ids.map((id) => aVersion({ type: 'Tide', id })) });
        const { next = '', last = '' } = (await one.versions.search(asked)).links;
        await one.write({
          versions: ids.map((id) =>
            aVersion({ type: 'Tide', id, version: 2, deleted: id === 'c', method: 'PUT' }),
          ),
        });
        await one.close();
        const two = await home.open();
        assert.deepEqual(await names(two, next, { count: 5 }), ['Tide/b/1', 'Tide/c/1']);
        assert.deepEqual(await names(two, last), ['Tide/c/1']);
        assert.deepEqual(await names(two, undefined, { count: 5 }), ['Tide/a/2', 'Tide/b/2']);
        for (const other of [
          { boundTo: 'him' },
          { boundTo: undefined },
          { type: 'Sea' },
          { sort: [] },
          { sort: [{ param: '_lastUpdated', descending: true }] },
        ]) {
          await assert.rejects(names(two, next, other), (error) => {
            assert.ok(error instanceof RangeError && !(error instanceof PageExpired));
            return true;
          });
        }
        await two.close();
      }));

    it('tell the moment of a search of all that matches, for another one', () =>
      withHome(settle, async (home) => {
        const store = await home.open();
        try {
          const put = (...ids: string[]) =>
            store.write({
              versions: ids.map((id) => aVersion({ id, index: [token('c', null, 'd')] })),
            });
          await put('1', '2', '3');
          const query = {
            type: 'Observation',
            filter: { op: 'token', param: 'c', code: 'd' },
            sort: [],
            count: 10,
            total: 'accurate',
          } as const;
          const { moment } = await store.versions.search({ ...query, whole: true });
          assert.ok(moment !== undefined);
          assert.equal((await store.versions.search(query)).moment, undefined);
          await put('0', '4');
          const then = await store.versions.search({ ...query, page: moment });
          assert.deepEqual(
            then.matches.map(({ id }) => id),
            ['1', '2', '3'],
          );
          assert.deepEqual([then.total, then.links], [3, {}]);
          const short = await store.versions.search({ ...query, count: 2, page: moment });
          assert.deepEqual(
            short.matches.map(({ id }) => id),
            ['1', '2'],
          );
          assert.deepEqual(Object.keys(short.links).sort(), ['first', 'last', 'next']);
          assert.equal(
            (await store.versions.search({ ...query, count: 0, page: moment })).total,
            3,
          );
          assert.equal((await store.versions.search(query)).total, 5);
        } finally {
          await store.close();
        }
      }));

    it('expire when what they show is no longer kept, but not before', () =>
      withHome(settle, async (home) => {
        const keepMs = 1_000;
        const past = { keepMs, now: () => performance.now() };
        const one = await home.open(past);
        const code = (text: string) => [token('code', null, text)];
        const coded = { type: 'Tide', count: 5, filter: { op: 'token', param: 'code', code: 'x' } };
        await one.write({
          versions: ['a', 'b'].map((id) => aVersion({ type: 'Tide', id, index: code('x') })),
        });
        const made = performance.now();
        const { next } = (await one.versions.search({ ...asked, filter: coded.filter as Filter }))
          .links;
        await one.write({ versions: [aVersion({ type: 'Tide', id: 'b', version: 2 })] });
        for (;;) {
          const found = await names(one, next, { filter: coded.filter }).catch((error: unknown) => {
            assert.ok(error instanceof PageExpired);
            return undefined;
          });
          if (found === undefined) break;
          assert.deepEqual(found, ['Tide/b/1']);
          assert.ok(performance.now() - made < 20 * keepMs, 'it never expires');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        assert.ok(performance.now() - made >= keepMs, 'it expires too early');
        assert.deepEqual(await names(one, undefined, coded), ['Tide/a/1']);
        const { versions } = await one.versions.changes({ count: 5 });
        assert.deepEqual(versions.map(keyOf), ['Tide/b/2', 'Tide/b/1', 'Tide/a/1']);
        assert.equal((await one.versions.history('Tide', 'b', { count: 5 })).length, 2);
        await one.close();
        const two = await home.open();
        await assert.rejects(names(two, next, { filter: coded.filter }), PageExpired);
        const again = (await two.versions.search({ ...asked })).links.next;
        assert.deepEqual(await names(two, again), ['Tide/b/2']);
        await two.close();
      }));
  });
}
