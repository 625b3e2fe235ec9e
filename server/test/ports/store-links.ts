import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { compareText } from '../../src/search/compare.ts';
import { matches } from '../../src/search/matches.ts';
import type { World } from '../../src/search/matches.ts';
import { nothing } from '../../src/search/query.ts';
import type { Chain, Filter, IndexEntry } from '../../src/search/query.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { linkedFilter, linkedResources, named, versionFields } from '../support/random-links.ts';
import { useStore } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion, token } from '../support/store-samples.ts';

const everything: Filter = { op: 'and', all: [] };

export function describeLinks(settle: () => Promise<StoreHome>): void {
  describe('search through references', () => {
    const store = useStore(settle);
    let worlds = 0;
    const find = async (type: string, filter: Filter) => {
      const page = await store().versions.search({
        type,
        filter,
        sort: [],
        count: 100,
        total: 'accurate',
      });
      assert.equal(page.total, page.matches.length);
      return page.matches.map(({ id }) => id);
    };
    const link = (param: string, target: string): IndexEntry => ({
      kind: 'reference',
      param,
      target,
    });
    const coded = (code: string): Filter => ({ op: 'token', param: 'code', code });
    const chain = (param: string, type: string, filter: Filter, within = everything): Chain => ({
      op: 'chain',
      param,
      type,
      filter,
      within,
    });
    const has = (type: string, param: string, filter: Filter, within = everything): Filter => ({
      op: 'referenced',
      type,
      param,
      filter,
      within,
    });

    it('follows references both ways, to current, undeleted resources of the type', async () => {
      const version = (type: string, id: string, ...index: IndexEntry[]) =>
        aVersion({ type, id, index, patients: [id] });
      await store().write({
        versions: [
          version('Person1', 'p', token('code', null, 'x')),
          version('Person1', 'q', token('code', null, 'x')),
          version('Person1', 'gone', token('code', null, 'x')),
          version('Note1', 'p', link('who', 'Person1/p'), token('code', null, 'n')),
          version('Note1', 'q', link('who', 'Person1/none'), link('who', 'Person1/q')),
          version('Note1', 'gone', link('who', 'Person1/gone')),
          version('Note1', 'old', link('who', 'Person1/p')),
          version('Note1', 'else', link('other', 'Person1/p'), link('who', 'http://a/Person1/p')),
        ],
      });
      await store().write({
        versions: [
          aVersion({ type: 'Person1', id: 'gone', version: 2, deleted: true, body: Buffer.of() }),
          aVersion({ type: 'Note1', id: 'old', version: 2 }),
        ],
      });
      assert.deepEqual(await find('Note1', chain('who', 'Person1', coded('x'))), ['p', 'q']);
      assert.deepEqual(await find('Note1', chain('who', 'Person1', coded('y'))), []);
      assert.deepEqual(await find('Person1', has('Note1', 'who', everything)), ['p', 'q']);
      assert.deepEqual(await find('Person1', has('Note1', 'who', coded('n'))), ['p']);
      const both = chain('who', 'Person1', has('Note1', 'who', coded('n')));
      assert.deepEqual(await find('Note1', both), ['p']);
      for (const search of [chain('who', 'Person1', coded('x'), nothing)]) {
        assert.deepEqual(await find('Note1', search), []);
      }
      const own: Filter = { op: 'patients', mode: 'in', patients: ['q'] };
      assert.deepEqual(await find('Note1', chain('who', 'Person1', coded('x'), own)), ['q']);
      assert.deepEqual(await find('Person1', has('Note1', 'who', everything, own)), ['q']);
      assert.deepEqual(await find('Person1', has('Note1', 'who', everything, nothing)), []);
    });

    it('follows a hierarchy up and down, as far as it goes, through what may be seen', async () => {
      const place = (id: string, parent: string) =>
        aVersion({ type: 'Place1', id, index: [link('up', `Place1/${parent}`)], patients: [id] });
      const stay = (id: string) =>
        aVersion({ type: 'Stay1', id, index: [link('at', `Place1/${id}`)] });
      const rooms = Array.from({ length: 30 }, (_, i) => place(`r${i + 1}`, `r${i}`));
      const versions = [...rooms, place('r0', 'r30'), place('other', 'none')];
      const stays = ['r0', 'r2', 'r30', 'other', 'none'].map(stay);
      await store().write({ versions: [...versions, ...stays] });
      const at = (id: string, direction: 'below' | 'above', within = everything): Filter => ({
        op: 'hierarchy',
        param: 'at',
        type: 'Place1',
        id,
        parent: 'up',
        direction,
        within,
      });
      // They lie in a circle of 31.
      assert.deepEqual(await find('Stay1', at('r2', 'below')), ['r0', 'r2', 'r30']);
      assert.deepEqual(await find('Stay1', at('r2', 'above')), ['r0', 'r2', 'r30']);
      assert.deepEqual(await find('Stay1', at('none', 'below')), ['none', 'other']);
      assert.deepEqual(await find('Stay1', at('other', 'above')), ['none', 'other']);
      const hidden: Filter = { op: 'patients', mode: 'not-in', patients: ['r1', 'r29'] };
      assert.deepEqual(await find('Stay1', at('r2', 'below', hidden)), ['r2']);
      // r2 names its parent itself, and only r1 says what lies above r1.
      assert.deepEqual(await find('Stay1', at('r2', 'above', hidden)), ['r2']);
      assert.deepEqual(await find('Stay1', at('r0', 'above', hidden)), ['r0', 'r30']);
      assert.deepEqual(await find('Stay1', at('r2', 'below', nothing)), ['r2']);
    });

    it('asks what lies inside of a resource beside what it refers to', async () => {
      const inside = token('who:Person2.code', null, 'x');
      await store().write({
        versions: [
          aVersion({ type: 'Person2', id: 'p', index: [token('code', null, 'x')] }),
          aVersion({ type: 'Note2', id: 'out', index: [link('who', 'Person2/p')] }),
          aVersion({ type: 'Note2', id: 'in', index: [inside] }),
          aVersion({ type: 'Note2', id: 'none' }),
        ],
      });
      const contained: Filter = { op: 'token', param: 'who:Person2.code', code: 'x' };
      const asked = (within?: Filter): Filter => ({
        ...chain('who', 'Person2', coded('x'), within),
        contained,
      });
      assert.deepEqual(await find('Note2', asked()), ['in', 'out']);
      assert.deepEqual(await find('Note2', asked(nothing)), ['in']);
      assert.deepEqual(await find('Note2', { op: 'not', filter: asked() }), ['none']);
    });

    it('asks each of several that lie inside of a resource, from elsewhere too', async () => {
      const inside = (...codes: readonly string[]) => ({
        index: [token('who:Person3', null, 'contained')],
        inside: codes.map((code, place) => ({
          ...{ type: 'Person3', id: `${place}`, place },
          index: [token('code', null, code), token(':led-by', null, 'who')],
        })),
      });
      await store().write({
        versions: [
          aVersion({ type: 'Note3', id: 'xy', ...inside('x', 'y') }),
          aVersion({ type: 'Note3', id: 'x', ...inside('x', 'x') }),
          aVersion({ type: 'Note3', id: 'none' }),
          aVersion({ type: 'Reply3', id: 'to-xy', index: [link('to', 'Note3/xy')] }),
          aVersion({ type: 'Reply3', id: 'to-x', index: [link('to', 'Note3/x')] }),
        ],
      });
      const without: Filter = { op: 'not', filter: coded('x') };
      const led: Filter = { op: 'token', param: ':led-by', system: null, code: 'who' };
      const one: Filter = {
        ...chain('who', 'Person3', without),
        contained: {
          op: 'inside',
          type: 'Person3',
          filter: { op: 'and', all: [without, led] },
        },
      };
      assert.deepEqual(await find('Note3', one), ['xy']);
      assert.deepEqual(await find('Note3', { op: 'not', filter: one }), ['none', 'x']);
      assert.deepEqual(await find('Reply3', chain('to', 'Note3', one)), ['to-xy']);
      assert.deepEqual(await find('Note3', has('Reply3', 'to', chain('to', 'Note3', one))), ['xy']);
    });

    it('follows links through thousands of resources, five deep', async () => {
      const people = Array.from({ length: 3_000 }, (_, i) =>
        aVersion({
          type: 'Person2',
          id: `${i}`,
          index: [
            token('code', null, i === 7 ? 'rare' : 'common'),
            link('next', `Person2/${(i + 1) % 3_000}`),
          ],
        }),
      );
      await store().write({ versions: people });
      let filter: Filter = coded('rare');
      for (let i = 0; i < 5; i += 1) filter = chain('next', 'Person2', filter);
      assert.deepEqual(await find('Person2', filter), ['2']);
      filter = coded('rare');
      for (let i = 0; i < 5; i += 1) filter = has('Person2', 'next', filter);
      assert.deepEqual(await find('Person2', filter), ['12']);
      const { total } = await store().versions.search({
        type: 'Person2',
        filter: chain('next', 'Person2', coded('common')),
        sort: [{ param: '_id', descending: true }],
        count: 2,
        total: 'accurate',
      });
      assert.equal(total, 2_999);
    });

    it('evaluates any filter with links as the brute force does', async () => {
      await fc.assert(
        fc.asyncProperty(
          linkedResources,
          fc.array(linkedFilter, { minLength: 12, maxLength: 12 }),
          async (resources, filters) => {
            worlds += 1;
            const names = { A: `A${worlds}x`, B: `B${worlds}x` };
            const versions = resources.map((each) => aVersion(versionFields(each, names)));
            const ended = resources.flatMap((each, i) =>
              each.deleted && versions[i] !== undefined && i % 2 === 0
                ? [{ ...versions[i], version: 2, deleted: true, index: [], body: Buffer.of() }]
                : [],
            );
            await store().write({ versions });
            await store().write({ versions: ended });
            const gone = new Set(ended.map(({ type, id }) => `${type}/${id}`));
            const current = versions.filter(({ type, id }) => !gone.has(`${type}/${id}`));
            const of = (type: string): readonly VersionWrite[] =>
              current.filter((version) => version.type === type);
            for (const filter of filters.map((each) => named(each, names))) {
              for (const type of [names.A, names.B]) {
                const world: World = { type, resources: of };
                const expected = of(type)
                  .filter((resource) => matches(resource, filter, world))
                  .map(({ id }) => id)
                  .sort(compareText);
                assert.deepEqual(await find(type, filter), expected);
              }
            }
          },
        ),
        { numRuns: 60 },
      );
    });
  });
}
