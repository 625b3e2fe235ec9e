import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { matches } from '../../src/search/matches.ts';
import type { Filter, IndexEntry, SearchQuery, SortKey } from '../../src/search/query.ts';
import { chordOf, spherePoint } from '../../src/search/sphere.ts';
import type { Store } from '../../src/store/store.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { compareBy } from '../support/port-order.ts';
import { useStore } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { someFilter, someResources, someSort } from '../support/random-search.ts';
import { aVersion, token } from '../support/store-samples.ts';

const everything: Filter = { op: 'and', all: [] };

function query(given: Partial<SearchQuery>): SearchQuery {
  return { type: 'Observation', filter: everything, sort: [], count: 100, total: 'none', ...given };
}

async function idsOf(store: Store, given: Partial<SearchQuery>): Promise<string[]> {
  return (await store.versions.search(query(given))).matches.map(({ id }) => id);
}

/** All pages of a search. */
async function walk(
  store: Store,
  asked: SearchQuery,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const ids: string[] = [];
  let page = await store.versions.search(asked);
  for (;;) {
    assert.ok(page.matches.length <= asked.count);
    ids.push(...page.matches.map(({ id }) => id));
    if (page.links.next === undefined) return ids;
    assert.equal(page.matches.length, asked.count, 'only the last page may be short');
    await between();
    page = await store.versions.search({ ...asked, page: page.links.next });
  }
}

export function describeSearch(settle: () => Promise<StoreHome>): void {
  describe('search', () => {
    const store = useStore(settle);
    let types = 0;
    /** Writes resources under a type of their own. */
    const given = async (...resources: (Partial<VersionWrite> & { readonly id: string })[]) => {
      types += 1;
      const type = `Type${types}`;
      await store().write({
        versions: resources.map((resource) => aVersion({ ...resource, type })),
      });
      return type;
    };
    const entry = (id: string, ...index: IndexEntry[]) => ({ id, index });

    it('finds current, undeleted resources of the type only, by their present index', async () => {
      const type = await given(
        entry('a', token('code', null, 'old')),
        entry('b', token('code', null, 'old')),
      );
      await given(entry('a', token('code', null, 'old')));
      const old: Filter = { op: 'token', param: 'code', code: 'old' };
      assert.deepEqual(await idsOf(store(), { type, filter: old }), ['a', 'b']);
      await store().write({
        versions: [
          aVersion({ type, id: 'a', version: 2, index: [token('code', null, 'new')] }),
          aVersion({
            type,
            id: 'b',
            version: 2,
            deleted: true,
            method: 'DELETE',
            body: Buffer.of(),
          }),
        ],
      });
      assert.deepEqual(await idsOf(store(), { type, filter: old }), []);
      assert.deepEqual(await idsOf(store(), { type }), ['a']);
      const [found] = (await store().versions.search(query({ type }))).matches;
      assert.equal(found?.version, 2);
      await store().write({
        versions: [aVersion({ type, id: 'b', version: 3, index: [token('code', null, 'old')] })],
      });
      assert.deepEqual(await idsOf(store(), { type, filter: old }), ['b']);
    });

    it('tells token systems apart: given, absent, any', async () => {
      const type = await given(
        entry('a', token('code', 'http://s', '1')),
        entry('b', token('code', null, '1')),
        entry('c', token('code', 'http://t', '1'), token('code', 'http://s', '2')),
        entry('d', token('other', 'http://s', '1')),
      );
      const find = (filter: { system?: string | null; code?: string }) =>
        idsOf(store(), { type, filter: { op: 'token', param: 'code', ...filter } });
      assert.deepEqual(await find({ code: '1' }), ['a', 'b', 'c']);
      assert.deepEqual(await find({ system: 'http://s', code: '1' }), ['a']);
      assert.deepEqual(await find({ system: null, code: '1' }), ['b']);
      assert.deepEqual(await find({ system: 'http://s' }), ['a', 'c']);
      assert.deepEqual(await find({ system: null }), ['b']);
      assert.deepEqual(await find({}), ['a', 'b', 'c']);
      assert.deepEqual(await find({ system: 'http://never-seen', code: '1' }), []);
    });

    it('matches strings by prefix, exactly and anywhere, taking every character literally', async () => {
      const text = (value: string): IndexEntry => ({
        kind: 'string',
        param: 'name',
        value,
        folded: value.toLowerCase(),
      });
      const type = await given(
        entry('a', text('Anna')),
        entry('b', text('Joanna')),
        entry('c', text('an%_.*[a]')),
        entry('d', text("an'; DROP TABLE resource; --")),
        entry('e', text('$where')),
      );
      const find = (match: 'prefix' | 'exact' | 'contains', value: string) =>
        idsOf(store(), { type, filter: { op: 'string', param: 'name', match, value } });
      assert.deepEqual(await find('prefix', 'an'), ['a', 'c', 'd']);
      assert.deepEqual(await find('exact', 'Anna'), ['a']);
      assert.deepEqual(await find('exact', 'anna'), []);
      assert.deepEqual(await find('contains', 'anna'), ['a', 'b']);
      assert.deepEqual(await find('contains', '%'), ['c']);
      assert.deepEqual(await find('contains', '.*'), ['c']);
      assert.deepEqual(await find('prefix', 'an_'), []);
      assert.deepEqual(await find('prefix', "an'"), ['d']);
      assert.deepEqual(await find('prefix', '$wh'), ['e']);
      assert.deepEqual(await find('prefix', ''), ['a', 'b', 'c', 'd', 'e']);
    });

    it('compares dates as the prefixes of R4 say', async () => {
      const at = (from: number, to: number): IndexEntry => ({
        kind: 'date',
        param: 'date',
        from,
        to,
      });
      const type = await given(
        entry('before', at(0, 10)),
        entry('touches', at(10, 20)),
        entry('overlaps', at(15, 25)),
        entry('inside', at(22, 24)),
        entry('equal', at(20, 30)),
        entry('around', at(10, 40)),
        entry('after', at(30, 31)),
        entry('open', at(25, 8.64e15)),
        entry('none'),
      );
      const expected = {
        eq: ['equal', 'inside'],
        ne: ['after', 'around', 'before', 'open', 'overlaps', 'touches'],
        gt: ['after', 'around', 'open'],
        lt: ['around', 'before', 'overlaps', 'touches'],
        ge: ['after', 'around', 'equal', 'inside', 'open'],
        le: ['around', 'before', 'equal', 'inside', 'overlaps', 'touches'],
        sa: ['after'],
        eb: ['before', 'touches'],
        ap: ['around', 'equal', 'inside', 'open', 'overlaps'],
      } as const;
      for (const [prefix, ids] of Object.entries(expected)) {
        const filter = {
          op: 'date',
          param: 'date',
          prefix: prefix as keyof typeof expected,
          from: 20,
          to: 30,
        } as const;
        assert.deepEqual(await idsOf(store(), { type, filter }), ids, prefix);
      }
    });

    it('compares numbers and quantities, exact values included', async () => {
      const number = (low: number, high: number): IndexEntry => ({
        kind: 'number',
        param: 'n',
        low,
        high,
      });
      const type = await given(
        entry('exact', number(100, 100)),
        entry('rough', number(99.5, 100.5)),
        entry('more', number(100.5, 100.5)),
        entry('less', number(-3, -3)),
      );
      const find = (prefix: 'eq' | 'gt' | 'ge' | 'sa' | 'eb' | 'lt', low: number, high: number) =>
        idsOf(store(), { type, filter: { op: 'number', param: 'n', prefix, low, high } });
      assert.deepEqual(await find('eq', 99.5, 100.5), ['exact', 'rough']);
      assert.deepEqual(await find('eq', 100, 100), ['exact']);
      assert.deepEqual(await find('gt', 100, 100), ['more', 'rough']);
      assert.deepEqual(await find('ge', 100, 100), ['exact', 'more', 'rough']);
      assert.deepEqual(await find('sa', 100, 100), ['more']);
      assert.deepEqual(await find('lt', 100, 100), ['less', 'rough']);
      assert.deepEqual(await find('eb', 100, 100), ['less']);
    });

    it('bounds a quantity by system and unit when they are given', async () => {
      const q = (system: string | null, code: string | null): IndexEntry => {
        return { kind: 'quantity', param: 'q', low: 1, high: 1, system, code };
      };
      const type = await given(
        entry('a', q('http://u', 'mg')),
        entry('b', q(null, 'mg')),
        entry('c', q(null, null)),
      );
      const find = (unit: { system?: string; code?: string }) =>
        idsOf(store(), {
          type,
          filter: { op: 'quantity', param: 'q', prefix: 'eq', low: 0, high: 2, ...unit },
        });
      assert.deepEqual(await find({}), ['a', 'b', 'c']);
      assert.deepEqual(await find({ code: 'mg' }), ['a', 'b']);
      assert.deepEqual(await find({ system: 'http://u', code: 'mg' }), ['a']);
      assert.deepEqual(await find({ system: 'http://other', code: 'mg' }), []);
    });

    it('matches uris exactly, below and above by whole segments', async () => {
      const uri = (value: string): IndexEntry => ({ kind: 'uri', param: 'url', value });
      const type = await given(
        entry('a', uri('http://acme.org')),
        entry('b', uri('http://acme.org/fhir')),
        entry('c', uri('http://acme.org/fhir/ValueSet/1')),
        entry('d', uri('http://acme.org/fhirs')),
        entry('e', uri('http://acme.org/fhir/')),
      );
      const find = (match: 'exact' | 'below' | 'above', value: string) =>
        idsOf(store(), { type, filter: { op: 'uri', param: 'url', match, value } });
      assert.deepEqual(await find('exact', 'http://acme.org/fhir'), ['b']);
      assert.deepEqual(await find('below', 'http://acme.org/fhir'), ['b', 'c', 'e']);
      assert.deepEqual(await find('above', 'http://acme.org/fhir/ValueSet/1'), [
        'a',
        'b',
        'c',
        'e',
      ]);
    });

    it('finds tokens in lists of codes', async () => {
      const type = await given(
        entry('a', token('code', 'http://s', '1')),
        entry('b', token('code', null, '1')),
        entry('c', token('code', 'http://t', '2')),
        entry('d', token('other', 'http://s', '1')),
      );
      const find = (...lists: { system?: string | null; codes: string[] }[]) =>
        idsOf(store(), { type, filter: { op: 'codes', param: 'code', lists } });
      assert.deepEqual(await find({ system: 'http://s', codes: ['1', '2'] }), ['a']);
      assert.deepEqual(await find({ system: null, codes: ['1'] }), ['b']);
      assert.deepEqual(await find({ codes: ['1', '$ne'] }), ['a', 'b']);
      assert.deepEqual(
        await find({ system: 'http://s', codes: ['1'] }, { system: 'http://t', codes: ['2', '3'] }),
        ['a', 'c'],
      );
      assert.deepEqual(await find({ system: 'http://never-seen', codes: ['1'] }), []);
      assert.deepEqual(await find(), []);
      const codes = Array.from({ length: 20_000 }, (_, i) => String(i));
      assert.deepEqual(await find({ system: 'http://s', codes }), ['a']);
    });

    it('finds composite values whose parts stand together', async () => {
      const pressure = (code: string, low: number): IndexEntry => ({
        kind: 'composite',
        param: 'c',
        parts: [
          { kind: 'token', param: 'c', system: 'http://s', code },
          { kind: 'quantity', param: 'c', low, high: low, system: 'http://u', code: 'mm' },
        ],
      });
      const type = await given(
        entry('a', pressure('systolic', 140), pressure('diastolic', 80)),
        entry('b', pressure('systolic', 80), pressure('diastolic', 140)),
        entry('c', pressure('systolic', 140)),
        entry('d'),
      );
      const find = (
        code: string,
        prefix: 'gt' | 'eq' | 'ge' | 'le',
        of: { system?: string; code?: string } = {},
      ) =>
        idsOf(store(), {
          type,
          filter: {
            op: 'composite',
            param: 'c',
            parts: [
              { op: 'token', param: 'c', code },
              { op: 'quantity', param: 'c', prefix, low: 100, high: 100, ...of },
            ],
          },
        });
      assert.deepEqual(await find('systolic', 'gt'), ['a', 'c']);
      assert.deepEqual(await find('diastolic', 'ge'), ['b']);
      assert.deepEqual(await find('diastolic', 'le'), ['a']);
      assert.deepEqual(await find('systolic', 'gt', { system: 'http://u', code: 'mm' }), [
        'a',
        'c',
      ]);
      assert.deepEqual(await find('systolic', 'gt', { code: 'cm' }), []);
      assert.deepEqual(await find('never', 'gt'), []);
      await store().write({
        versions: [aVersion({ type, id: 'a', version: 2, index: [pressure('systolic', 90)] })],
      });
      assert.deepEqual(await find('systolic', 'gt'), ['c']);
    });

    it('finds what is near, over the date line and the pole too', async () => {
      const at = (latitude: number, longitude: number): IndexEntry => ({
        kind: 'position',
        param: 'near',
        ...spherePoint(latitude, longitude),
      });
      const type = await given(
        entry('zurich', at(47.3769, 8.5417)),
        entry('bern', at(46.948, 7.4474)),
        entry('fiji-west', at(-16.5, 179.9)),
        entry('fiji-east', at(-16.5, -179.9)),
        entry('pole', at(89.9, 170)),
        entry('none'),
      );
      const find = (latitude: number, longitude: number, metres: number) =>
        idsOf(store(), {
          type,
          filter: {
            op: 'near',
            param: 'near',
            ...spherePoint(latitude, longitude),
            chord: chordOf(metres),
          },
        });
      // Zürich and Bern are 95.5 km apart.
      assert.deepEqual(await find(46.948, 7.4474, 94_000), ['bern']);
      assert.deepEqual(await find(46.948, 7.4474, 97_000), ['bern', 'zurich']);
      assert.deepEqual(await find(47.3769, 8.5417, 0), ['zurich']);
      assert.deepEqual(await find(-16.5, 180, 11_000), ['fiji-east', 'fiji-west']);
      assert.deepEqual(await find(89.9, -10, 23_000), ['pole']);
      assert.equal((await find(0, 0, 30_000_000)).length, 5);
      const filter: Filter = { op: 'missing', param: 'near', missing: true };
      assert.deepEqual(await idsOf(store(), { type, filter }), ['none']);
    });

    it('narrows by patients: all of them in a list, or none of them', async () => {
      const type = await given(
        { id: 'anna', patients: ['anna'] },
        { id: 'both', patients: ['anna', 'ben'] },
        { id: 'ben', patients: ['ben'] },
        { id: 'nobody', patients: [] },
      );
      const find = (mode: 'in' | 'not-in', ...patients: string[]) =>
        idsOf(store(), { type, filter: { op: 'patients', mode, patients } });
      assert.deepEqual(await find('in', 'anna'), ['anna', 'nobody']);
      assert.deepEqual(await find('in', 'anna', 'ben'), ['anna', 'ben', 'both', 'nobody']);
      assert.deepEqual(await find('in'), ['nobody']);
      assert.deepEqual(await find('not-in', 'anna'), ['ben', 'nobody']);
      assert.deepEqual(await find('not-in'), ['anna', 'ben', 'both', 'nobody']);
      await store().write({
        versions: [aVersion({ type, id: 'ben', version: 2, patients: ['anna'] })],
      });
      assert.deepEqual(await find('in', 'anna'), ['anna', 'ben', 'nobody']);
      assert.deepEqual(await find('not-in', 'ben'), ['anna', 'ben', 'nobody']);
    });

    it('narrows by thousands of patients', async () => {
      const type = await given({ id: 'a', patients: ['p7'] }, { id: 'b', patients: ['q'] });
      const patients = Array.from({ length: 20_000 }, (_, i) => `p${i}`);
      const find = (mode: 'in' | 'not-in') =>
        idsOf(store(), { type, filter: { op: 'patients', mode, patients } });
      assert.deepEqual([await find('in'), await find('not-in')], [['a'], ['b']]);
    });

    it('sorts by several keys, resources without a key last in both directions', async () => {
      const type = await given(
        entry('a', token('s', null, 'x'), { kind: 'date', param: 'd', from: 5, to: 6 }),
        entry('b', token('s', null, 'y'), { kind: 'date', param: 'd', from: 9, to: 10 }),
        entry('c', { kind: 'date', param: 'd', from: 7, to: 8 }),
        entry('d', token('s', null, 'x'), { kind: 'date', param: 'd', from: 7, to: 8 }),
        entry('e', token('s', null, 'x')),
      );
      const sorted = (...sort: SortKey[]) => idsOf(store(), { type, sort });
      const by = (param: string, descending = false) => ({ param, descending });
      assert.deepEqual(await sorted(by('d')), ['a', 'c', 'd', 'b', 'e']);
      assert.deepEqual(await sorted(by('d', true)), ['b', 'c', 'd', 'a', 'e']);
      assert.deepEqual(await sorted(by('s'), by('d', true)), ['d', 'a', 'e', 'b', 'c']);
      assert.deepEqual(await sorted(by('s', true), by('d')), ['b', 'a', 'd', 'e', 'c']);
      assert.deepEqual(await sorted(by('_id', true)), ['e', 'd', 'c', 'b', 'a']);
      assert.deepEqual(await sorted(by('never-indexed'), by('_id', true)), [
        'e',
        'd',
        'c',
        'b',
        'a',
      ]);
    });

    it('counts accurately when asked, also without a page', async () => {
      const type = await given(
        ...Array.from({ length: 7 }, (_, i) => ({ id: `${i}`, lastUpdated: i })),
      );
      const filter: Filter = { op: 'lastUpdated', from: 2 };
      const page = await store().versions.search(
        query({ type, filter, count: 2, total: 'accurate' }),
      );
      assert.deepEqual([page.matches.length, page.total, typeof page.links.next], [2, 5, 'string']);
      assert.deepEqual(
        await store().versions.search(query({ type, filter, count: 0, total: 'accurate' })),
        {
          matches: [],
          links: {},
          total: 5,
        },
      );
      assert.equal('total' in (await store().versions.search(query({ type, count: 2 }))), false);
      const whole = await store().versions.search(
        query({ type, filter, count: 5, total: 'accurate' }),
      );
      assert.deepEqual([whole.matches.length, whole.total, whole.links.next], [5, 5, undefined]);
    });

    it('refuses page tokens it did not make for this type and order', async () => {
      const type = await given({ id: 'a' }, { id: 'b' }, { id: 'c' });
      const other = await given({ id: 'a' });
      const sort = [{ param: '_lastUpdated', descending: true }];
      const { next = '' } = (await store().versions.search(query({ type, sort, count: 1 }))).links;
      assert.match(next, /^[A-Za-z0-9_-]+$/);
      const flipped = (next.startsWith('A') ? 'B' : 'A') + next.slice(1);
      const forged = Buffer.from(JSON.stringify([1, 'a'])).toString('base64url');
      for (const after of [
        '',
        'a',
        '!',
        '{}',
        next.slice(1),
        `${next}A`,
        `${next}=`,
        ` ${next}`,
        flipped,
        forged,
      ]) {
        await assert.rejects(
          store().versions.search(query({ type, sort, count: 1, page: after })),
          RangeError,
          after,
        );
      }
      await assert.rejects(
        store().versions.search(query({ type: other, sort, page: next })),
        RangeError,
      );
      await assert.rejects(
        store().versions.search(query({ type, sort: [], page: next })),
        RangeError,
      );
      assert.deepEqual(await idsOf(store(), { type, sort, count: 5, page: next }), ['b', 'c']);
    });

    it('says nothing in a page token of what it sorts by', async () => {
      const name = (value: string): IndexEntry => ({
        kind: 'string',
        param: 'n',
        value,
        folded: value,
      });
      const type = await given(entry('a', name('musterfrau')), entry('b', name('mustermann')));
      const sort = [{ param: 'n', descending: false }];
      const { next = '' } = (await store().versions.search(query({ type, sort, count: 1 }))).links;
      assert.equal(Buffer.from(next, 'base64url').includes('musterfrau'), false);
      assert.deepEqual(await idsOf(store(), { type, sort, page: next }), ['b']);
    });

    it('refuses a filter beyond all bounds, and takes a large one', async () => {
      const type = await given(entry('a', token('code', null, '499')));
      const codes = (n: number): Filter => ({
        op: 'or',
        any: Array.from({ length: n }, (_, i) => ({ op: 'token', param: 'code', code: String(i) })),
      });
      assert.deepEqual(await idsOf(store(), { type, filter: codes(500) }), ['a']);
      assert.deepEqual(await idsOf(store(), { type, filter: codes(400) }), []);
      await assert.rejects(idsOf(store(), { type, filter: codes(5_000) }), RangeError);
    });

    it('pages through a collection that is being written without repeating or missing a resource', async () => {
      const patients = (i: number) => [`p${i % 3}`];
      const resources = Array.from({ length: 60 }, (_, i) => ({
        id: `m${i}`,
        lastUpdated: i % 10,
        patients: patients(i),
      }));
      const type = await given(...resources);
      for (const sort of [
        [],
        [{ param: '_lastUpdated', descending: true }],
        [{ param: '_lastUpdated', descending: false }],
      ]) {
        let extra = 0;
        const disturb = async () => {
          extra += 1;
          const id = `x${sort.length}${sort[0]?.descending}${extra}`;
          await store().write({
            versions: [aVersion({ type, id, lastUpdated: extra % 10, patients: ['q'] })],
          });
        };
        const asked = query({ type, sort, count: 7 });
        const ids = (await walk(store(), asked, disturb)).filter((id) => id.startsWith('m'));
        assert.equal(new Set(ids).size, ids.length);
        assert.deepEqual([...ids].sort(), resources.map(({ id }) => id).sort());
      }
    });

    it('pages through thousands of resources that share every code, in any order', async () => {
      const date = (from: number): IndexEntry => ({ kind: 'date', param: 'd', from, to: from + 3 });
      const resources = Array.from({ length: 2_600 }, (_, i) => {
        const dates =
          i % 9 === 0 ? [] : [date((i * 37) % 400), ...(i % 5 === 0 ? [date((i * 11) % 400)] : [])];
        const code = token('code', i % 2 ? 'http://s' : null, 'common');
        return aVersion({
          id: `${(i * 7919) % 2_600}`,
          lastUpdated: i % 50,
          index: [code, ...dates],
        });
      });
      const type = await given(...resources);
      const filter: Filter = { op: 'token', param: 'code', code: 'common' };
      for (const sort of [
        [{ param: 'd', descending: true }],
        [{ param: 'd', descending: false }],
        [
          { param: 'd', descending: true },
          { param: '_lastUpdated', descending: true },
        ],
        [{ param: '_lastUpdated', descending: true }],
        [],
      ]) {
        const expected = resources.toSorted(compareBy(sort)).map(({ id }) => id);
        assert.deepEqual(await walk(store(), query({ type, filter, sort, count: 170 })), expected);
      }
      const { total } = await store().versions.search(
        query({ type, filter, count: 1, total: 'accurate' }),
      );
      assert.equal(total, resources.length);
    });

    it('evaluates any filter and order as the brute force does', async () => {
      await fc.assert(
        fc.asyncProperty(
          someResources,
          fc.array(fc.tuple(someFilter, someSort, fc.integer({ min: 1, max: 6 })), {
            minLength: 8,
            maxLength: 8,
          }),
          async (resources, searches) => {
            const type = await given(...resources.map(({ first }) => first));
            const current: VersionWrite[] = [];
            for (const { first, second } of resources) {
              const version = {
                ...aVersion({ ...first, ...second, type }),
                version: second ? 2 : 1,
              };
              if (second) await store().write({ versions: [version] });
              if (!version.deleted) current.push(version);
            }
            for (const [filter, sort, count] of searches) {
              const expected = current
                .filter((resource) => matches(resource, filter))
                .sort(compareBy(sort))
                .map(({ id }) => id);
              const asked = query({ type, filter, sort, count });
              assert.deepEqual(await walk(store(), asked), expected);
              const { total } = await store().versions.search({
                ...asked,
                count: 0,
                total: 'accurate',
              });
              assert.equal(total, expected.length);
            }
          },
        ),
        { numRuns: 60 },
      );
    });
  });
}
