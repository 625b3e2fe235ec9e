import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync, type FunctionOptions } from 'node:sqlite';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Filter, SearchQuery } from '../../src/search/query.ts';
import { SearchTooCostly } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { Dictionary } from '../../src/store/sqlite/dictionary.ts';
import { Past } from '../../src/store/sqlite/past.ts';
import { FoundVersions } from '../../src/store/sqlite/found-versions.ts';
import { Search } from '../../src/store/sqlite/search.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { WorkBudget } from '../../src/store/sqlite/work-budget.ts';
import { aVersion, token } from '../support/store-samples.ts';

const RESOURCES = 60_000;
let folder: string;
let store: Store;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cost-'));
  store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
  for (let start = 0; start < RESOURCES; start += 2_000) {
    await store.write({
      versions: Array.from({ length: 2_000 }, (_, i) => start + i).map((n) =>
        aVersion({
          id: String(n),
          patients: [`p${n % 100}`],
          body: Buffer.from('{}'),
          index: [
            { kind: 'reference', param: 'member', target: 'Organization/hub' },
            token('status', null, n % 3 === 0 ? 'rare' : 'final'),
            token('group', null, `g${n % 40}`),
            { kind: 'string', param: 'text', value: `Text ${n}`, folded: `text ${n}` },
          ],
        }),
      ),
    });
  }
  await store.write({
    versions: [
      aVersion({ type: 'Organization', id: 'hub', index: [token('status', null, 'final')] }),
    ],
  });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Units of work in a search, and the most of them in one of its steps. */
function countingSearch(
  db: DatabaseSync,
): (query: SearchQuery) => { most: number; rows: number; refused: boolean } {
  let units = 0;
  const counting = {
    function: (name: string, options: FunctionOptions, act: () => 1) => {
      const cost = name === 'tested' ? 10 : 1;
      db.function(name, options, () => {
        units += cost;
        return act();
      });
    },
  };
  const search = new Search(db, {
    dictionary: new Dictionary(db),
    reader: new FoundVersions(db),
    past: new Past(db, undefined, () => undefined),
    budget: new WorkBudget(counting as unknown as DatabaseSync),
    pageKey: randomBytes(32),
  });
  return (query) => {
    const steps = search.run(query);
    const seen: number[] = [];
    let refused = false;
    for (let done = false; !done;) {
      units = 0;
      try {
        done = steps.next().done === true;
      } catch (error) {
        assert.ok(error instanceof SearchTooCostly);
        done = true;
        refused = true;
      }
      seen.push(units);
    }
    return { most: Math.max(...seen), rows: seen.reduce((sum, one) => sum + one, 0), refused };
  };
}

const member = {
  op: 'chain',
  param: 'member',
  type: 'Organization',
  within: { op: 'and', all: [] },
} as const;
const hub = {
  op: 'referenced',
  param: 'member',
  type: 'Observation',
  within: { op: 'and', all: [] },
} as const;
const status = (code: string): Filter => ({ op: 'token', param: 'status', code, system: null });
const text = (value: string): Filter => ({ op: 'string', param: 'text', match: 'contains', value });
const some: Filter = { op: 'patients', mode: 'not-in', patients: ['p1', 'p2'] };
const query = (filter: Filter, more: Partial<SearchQuery> = {}): SearchQuery => ({
  type: 'Observation',
  filter: { op: 'and', all: [filter, some] },
  sort: [],
  count: 10,
  total: 'none',
  ...more,
});

/** Forty resources are looked at for each one. */
const linked = Array.from({ length: 40 }, (_, i): Filter => ({
  op: 'not',
  filter: { ...member, filter: status(`x${i}`) },
}));
const neither: Filter = { op: 'or', any: [status('final'), status('rare')] };
const costly = [
  query(
    { op: 'and', all: [...linked, { op: 'not', filter: neither }] },
    { sort: [{ param: 'text', descending: false }] },
  ),
  query({ op: 'and', all: linked }, { count: 0, total: 'accurate' }),
];

describe('what a search may cost in sqlite', () => {
  it('looks at no more in one step than a tenth of a second allows', async () => {
    const path = join(folder, 'store.sqlite');
    await store.close();
    const db = new DatabaseSync(path);
    try {
      const counted = countingSearch(db);
      const none: Filter = { op: 'and', all: [] };
      const unlike: Filter = {
        op: 'not',
        filter: { op: 'or', any: [status('final'), status('rare')] },
      };
      const total = { total: 'accurate' } as const;
      const asked = [
        query(status('final'), total),
        query(none, { ...total, count: 0 }),
        query(unlike, total),
        query(unlike, { sort: [{ param: 'text', descending: true }] }),
        query(text('nowhere'), total),
        query(text('9'), { ...total, sort: [{ param: 'text', descending: false }] }),
        query({ ...hub, filter: unlike }, { type: 'Organization', ...total }),
        query({ op: 'not', filter: { ...hub, filter: unlike } }, { type: 'Organization' }),
        query({ ...member, filter: status('final') }, total),
        ...costly,
      ];
      const steps = asked.map((each) => counted(each));
      for (const [i, { most, rows }] of steps.entries()) {
        assert.ok(most <= 250_000, `step of ${most} for query ${i}`);
        assert.ok(rows <= 8_000_000, `${rows} in all for query ${i}`);
      }
      // It is counted what is looked at behind each row of a few, too.
      const [behind] = steps.slice(6);
      assert.ok((behind?.rows ?? 0) > RESOURCES / 2, `${behind?.rows} for all that refers to one`);
      assert.ok(steps.some(({ most }) => most > 50_000));
    } finally {
      db.close();
      store = await openSqliteStore(path, { randomBytes });
    }
  });

  it('looks at the candidates of a criterion where the order of the search passes more', async () => {
    const path = join(folder, 'store.sqlite');
    await store.close();
    const db = new DatabaseSync(path);
    try {
      const counted = countingSearch(db);
      const page = { count: 100 } as const;
      const group: Filter = { op: 'token', param: 'group', code: 'g0', system: null };
      const ofGroup = counted(query(group, page)).rows;
      // Each is tested, at the price of ten rows.
      assert.ok(ofGroup >= (10 * RESOURCES) / 40, `${ofGroup} for one of forty`);
      assert.ok(ofGroup < (11 * RESOURCES) / 40, `${ofGroup} for one of forty`);
      const ofMany = counted(query(status('final'), page)).rows;
      assert.ok(ofMany < 10 * 200, `${ofMany} for two of three`);
      const sorted = { ...page, sort: [{ param: 'text', descending: false }] };
      assert.ok(counted(query(status('final'), sorted)).rows < 30_000);
    } finally {
      db.close();
      store = await openSqliteStore(path, { randomBytes });
    }
  });

  it('tells early that there is too much to count or to look at', async () => {
    const path = join(folder, 'store.sqlite');
    await store.close();
    const db = new DatabaseSync(path);
    try {
      const counted = countingSearch(db);
      const all = { count: 0, total: 'accurate' } as const;
      const much = counted(query({ op: 'and', all: linked }, all));
      assert.ok(much.refused);
      assert.ok(much.rows < 800_000, `${much.rows} for what is refused`);
      const few = { op: 'and', all: [...linked, text('nowhere')] } as const;
      const page = counted(query(few, { sort: [{ param: 'text', descending: true }] }));
      assert.ok(page.refused || page.rows < 4_000_000);
      const little = counted(query({ op: 'and', all: linked.slice(0, 1) }, all));
      assert.ok(!little.refused);
      assert.ok(little.rows > much.rows, `${little.rows} for what is counted`);
    } finally {
      db.close();
      store = await openSqliteStore(path, { randomBytes });
    }
  });

  it('follows so many references for an order, by however many keys', async () => {
    const group: Filter = { op: 'token', param: 'group', code: 'g3', system: null };
    const key = {
      param: 'member',
      descending: false,
      through: [
        { type: 'Organization', value: { param: 'status' }, within: { op: 'and', all: [] } },
      ],
    } as const;
    const by = (keys: number): SearchQuery =>
      query(group, { sort: Array.from({ length: keys }, () => key) });
    for (const keys of [1, 2, 3])
      assert.equal((await store.versions.search(by(keys))).matches.length, 10);
    for (const keys of [4, 5]) {
      await assert.rejects(store.versions.search(by(keys)), (error) => {
        assert.ok(error instanceof SearchTooCostly);
        assert.match(error.message, new RegExp(`More than ${5_000 / keys} resources`));
        return true;
      });
    }
  });

  it('lets common things be counted, in steps that keep nobody waiting', async () => {
    let turns = 0;
    let counting = true;
    const take = (): void => {
      turns += 1;
      if (counting) setImmediate(take);
    };
    take();
    const page = await store.versions.search(query(status('final'), { total: 'accurate' }));
    const whole = await store.versions.search(
      query({ op: 'and', all: [] }, { count: 0, total: 'accurate' }),
    );
    counting = false;
    const expected = (test: (n: number) => boolean): number =>
      Array.from({ length: RESOURCES }, (_, n) => n).filter(
        (n) => test(n) && n % 100 !== 1 && n % 100 !== 2,
      ).length;
    assert.equal(
      page.total,
      expected((n) => n % 3 !== 0),
    );
    assert.equal(page.matches.length, 10);
    assert.equal(
      whole.total,
      expected(() => true),
    );
    assert.ok(turns > 20, `others had ${turns} turns`);
  });

  it('counts as of one moment, whatever is written between the steps', async () => {
    const before = await store.versions.search(
      query(status('final'), { count: 0, total: 'accurate' }),
    );
    const counting = store.versions.search(query(status('final'), { count: 0, total: 'accurate' }));
    await new Promise((resolve) => setImmediate(resolve));
    await store.write({
      versions: [aVersion({ id: '0', version: 2, index: [token('status', null, 'final')] })],
    });
    assert.equal((await counting).total, before.total);
    const later = await store.versions.search(
      query(status('final'), { count: 0, total: 'accurate' }),
    );
    assert.equal(later.total, (before.total ?? 0) + 1);
  });

  it('refuses what would look at too much, within a second', async () => {
    for (const each of costly) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const tries = [];
      while (tries.length < 5 && !(Math.min(...tries) < 1_000)) {
        const started = performance.now();
        await assert.rejects(store.versions.search(each), SearchTooCostly);
        tries.push(performance.now() - started);
      }
      // The least of a few: others use this machine, too.
      assert.ok(Math.min(...tries) < 1_000, `it took ${tries.join(', ')} ms`);
      delay.disable();
      // Generous, since the machine may be busy: what bounds it is the work of each step.
      assert.ok(delay.max < 500e6, `the event loop was blocked for ${delay.max / 1e6} ms`);
    }
    // Where candidates are hard to find, all is looked at step by step.
    const none = await store.versions.search(query(text('nowhere'), { total: 'accurate' }));
    assert.equal(none.total, 0);
    const cheap = await store.versions.search(query(text('text 59999')));
    assert.equal(cheap.matches.length, 1);
  });

  it('leads to the end of an order however far it is, so that this tells of nothing else', async () => {
    const order = { sort: [{ param: 'text', descending: false }], count: 3 } as const;
    let turns = 0;
    let looking = true;
    const take = (): void => {
      turns += 1;
      if (looking) setImmediate(take);
    };
    for (const filter of [some, status('rare')]) {
      const first = await store.versions.search(query(filter, order));
      assert.ok(first.links.last !== undefined);
      take();
      const last = await store.versions.search(query(filter, { ...order, page: first.links.last }));
      looking = false;
      assert.equal(last.matches.length, 3);
      // The first has lost its text.
      assert.match(last.matches.at(-1)?.id ?? '', /^(?:0|9999)$/);
      assert.equal(last.links.next, undefined);
      assert.ok(last.links.previous !== undefined);
    }
    assert.ok(turns > 1, `others had ${turns} turns`);
  });

  it('lets a traversal reach the end of an order, where all of it has to be looked at', async () => {
    const asked = query(some, { sort: [{ param: 'text', descending: true }], count: 9_000 });
    const found: string[] = [];
    let page = await store.versions.search(asked);
    for (;;) {
      found.push(...page.matches.map(({ id }) => id));
      if (page.links.next === undefined) break;
      page = await store.versions.search({ ...asked, page: page.links.next });
    }
    assert.equal(new Set(found).size, found.length);
    assert.equal(found.length, RESOURCES - RESOURCES / 50);
    // It has no text any more.
    assert.equal(found.at(-1), '0');
    assert.ok(page.links.previous);
    const before = await store.versions.search({ ...asked, count: 2, page: page.links.previous });
    const at = found.length - page.matches.length;
    assert.deepEqual(
      before.matches.map(({ id }) => id),
      found.slice(at - 2, at),
    );
  });
});
