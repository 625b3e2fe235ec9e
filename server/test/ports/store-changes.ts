import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { Filter } from '../../src/search/query.ts';
import { StoreConflict } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import type { ChangeQuery, StoredVersion } from '../../src/store/version-store.ts';
import { withHome } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion } from '../support/store-samples.ts';

const patients = ['p1', 'p2', 'p3'];
const some = fc.subarray(patients);
const someOf: fc.Arbitrary<Filter> = fc
  .record({
    op: fc.constant('patients'),
    mode: fc.constantFrom('in', 'not-in'),
    patients: some,
  })
  .chain((one) => fc.constantFrom<Filter>(one, { op: 'not', filter: one }));
const narrowed: fc.Arbitrary<Filter | undefined> = fc.oneof(
  fc.constant(undefined),
  someOf,
  fc.array(someOf, { maxLength: 3 }).map((all): Filter => ({ op: 'and', all })),
  fc.array(someOf, { maxLength: 3 }).map((any): Filter => ({ op: 'or', any })),
);
const time = fc.integer({ min: 0, max: 40 });
const wanted = fc.record(
  {
    types: fc.subarray(['Alpha', 'Beta', 'Gamma'], { minLength: 1 }),
    since: time,
    at: fc.tuple(time, time).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 })),
  },
  { requiredKeys: [] },
);
const writes = fc.array(
  fc.record({
    type: fc.constantFrom('Alpha', 'Beta', 'Gamma'),
    id: fc.constantFrom('a', 'b', 'c'),
    patients: some,
    deleted: fc.boolean(),
    together: fc.boolean(),
  }),
  { maxLength: 30 },
);

/** The judgement of the port, written down once more without any store. */
function passes(filter: Filter, of: readonly string[]): boolean {
  if (filter.op === 'and') return filter.all.every((part) => passes(part, of));
  if (filter.op === 'or') return filter.any.some((part) => passes(part, of));
  if (filter.op === 'not') return !passes(filter.filter, of);
  assert.ok(filter.op === 'patients');
  return filter.mode === 'in'
    ? of.every((patient) => filter.patients.includes(patient))
    : of.every((patient) => !filter.patients.includes(patient));
}

const named = ({ type, id, version }: StoredVersion): string => `${type}/${id}/${version}`;

async function walk(store: Store, query: ChangeQuery): Promise<string[]> {
  const found: string[] = [];
  let page = await store.versions.changes(query);
  for (;;) {
    found.push(...page.versions.map(named));
    if (page.next === undefined) return found;
    assert.equal(page.versions.length, query.count);
    page = await store.versions.changes({ ...query, page: page.next });
  }
}

export function describeChanges(settle: () => Promise<StoreHome>): void {
  describe('changes', () => {
    it('are listed in the order of their commits, newest first, as asked', () =>
      withHome(settle, async (home) => {
        const store = await home.open();
        const before: StoredVersion[] = [];
        let worlds = 0;
        await fc.assert(
          fc.asyncProperty(
            writes,
            fc.array(fc.tuple(wanted, narrowed, fc.integer({ min: 1, max: 7 })), {
              minLength: 1,
              maxLength: 6,
            }),
            async (made, queries) => {
              worlds += 1;
              const versions = new Map<string, number>();
              const history = made.map((write, i) => {
                const id = `${write.id}${worlds}`;
                const key = `${write.type}/${id}`;
                const version = (versions.get(key) ?? 0) + 1;
                versions.set(key, version);
                const deleted = write.deleted && version > 1;
                return aVersion({
                  type: write.type,
                  id,
                  version,
                  patients: write.patients,
                  deleted,
                  lastUpdated: i,
                });
              });
              for (let i = 0; i < history.length;) {
                const set = [history[i]];
                while (made[++i]?.together) set.push(history[i]);
                await store.write({ versions: set.filter((version) => version !== undefined) });
              }
              before.push(...history);
              for (const [asked, filter, count] of queries) {
                const expected = before
                  .filter((version, i) => {
                    const successor = before
                      .slice(i)
                      .find(
                        (other) =>
                          other.type === version.type &&
                          other.id === version.id &&
                          other.version === version.version + 1,
                      );
                    return (
                      asked.types?.includes(version.type) !== false &&
                      version.lastUpdated >= (asked.since ?? -Infinity) &&
                      version.lastUpdated < (asked.at?.to ?? Infinity) &&
                      (successor?.lastUpdated ?? Infinity) > (asked.at?.from ?? -Infinity) &&
                      (!filter || passes(filter, version.patients))
                    );
                  })
                  .map(named)
                  .reverse();
                const query = { ...asked, ...(filter && { narrowed: filter }), count };
                assert.deepEqual(await walk(store, query), expected);
              }
            },
          ),
          { numRuns: 25 },
        );
        await store.close();
      }));

    it('are found by their instants though these are not quite in that order', () =>
      withHome(settle, async (home) => {
        let store = await home.open();
        let clock = 0;
        const made = Array.from({ length: 900 }, (_, i): StoredVersion => {
          // Once the clock was wrong for a while.
          clock += i === 400 ? -300 : i === 420 ? 1_200 : (i * 7) % 11;
          const type = i % 5 === 0 ? 'Rare' : 'Common';
          return aVersion({ type, id: `n${i}`, lastUpdated: clock });
        });
        for (let at = 0; at < made.length; at += 90) {
          await store.write({
            versions: made.slice(at, at + 89).map((each) => ({ ...each, index: [] })),
          });
          const single = made[at + 89];
          if (single) await store.write({ versions: [{ ...single, index: [] }] });
          const refused = aVersion({ type: 'Common', id: 'never', version: 2, lastUpdated: 1 });
          await assert.rejects(store.write({ versions: [refused] }), StoreConflict);
          if (at % 270 !== 0) continue;
          await store.close();
          store = await home.open();
        }
        for (const since of [-5, 0, 700, 1_900, 2_000, 2_600, 3_400, clock, clock + 1, clock * 9]) {
          for (const types of [undefined, ['Rare'], ['Rare', 'Common']]) {
            for (const until of [undefined, since + 200]) {
              const query = {
                ...(types && { types }),
                ...(until === undefined ? { since } : { at: { from: -9, to: until } }),
                count: 250,
              };
              const expected = made.filter(
                ({ type, lastUpdated }) =>
                  types?.includes(type) !== false &&
                  (until === undefined ? lastUpdated >= since : lastUpdated < until),
              );
              assert.deepEqual(await walk(store, query), expected.map(named).reverse());
            }
          }
        }
        await store.close();
      }));

    it('have page links that are good for the same query only, and never expire', () =>
      withHome(settle, async (home) => {
        let store = await home.open();
        for (const id of ['a', 'b', 'c']) await store.write({ versions: [aVersion({ id })] });
        const query = { types: ['Observation'], count: 1, boundTo: 'her' };
        const { next = '', versions } = await store.versions.changes(query);
        assert.deepEqual(versions.map(named), ['Observation/c/1']);
        await store.write({ versions: [aVersion({ id: 'b', version: 2 })] });
        await store.close();
        store = await home.open();
        const more = await store.versions.changes({ ...query, page: next, count: 5 });
        assert.deepEqual(more.versions.map(named), ['Observation/b/1', 'Observation/a/1']);
        for (const other of [
          { ...query, boundTo: 'him' },
          { ...query, types: ['Patient'] },
          { ...query, since: 3 },
          { count: 1, boundTo: 'her' },
        ]) {
          await assert.rejects(store.versions.changes({ ...other, page: next }), RangeError);
        }
        await assert.rejects(store.versions.changes({ ...query, page: `${next}A` }), RangeError);
        await assert.rejects(store.versions.changes({ ...query, count: 0 }), RangeError);
        const token: Filter = { op: 'token', param: 'code', code: 'x' };
        await assert.rejects(store.versions.changes({ ...query, narrowed: token }), RangeError);
        await store.close();
      }));
  });
}
