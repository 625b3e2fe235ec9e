import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { OfferedQueries } from '../../../src/interactions/search/offered-queries.ts';
import type { Store } from '../../../src/store/store.ts';
import type { StoredVersion } from '../../../src/store/version-store.ts';
import { namedQuery } from '../../support/named-query.ts';
import { BASE, r4 } from '../../support/r4.ts';

/** A store of these definitions, which may fail; it counts how often it is asked. */
function storeOf(names: string[]) {
  const state = { asked: 0, fails: false };
  const search = (): Promise<unknown> => {
    state.asked += 1;
    if (state.fails) return Promise.reject(new Error('the store is away'));
    const matches = names.map((name): Partial<StoredVersion> => ({
      id: name,
      body: Buffer.from(JSON.stringify(namedQuery(name, 'status=final'))),
    }));
    return Promise.resolve({ matches, links: {} });
  };
  return { state, store: { versions: { search } } as unknown as Store };
}

const offered = (names: string[]) => {
  const { state, store } = storeOf(names);
  const clock = { now: 0 };
  const queries = new OfferedQueries({ store, r4, base: BASE }, () => clock.now);
  const found = async () => (await queries.all()).map(({ name }) => name);
  return { state, clock, queries, found };
};

describe('the named queries that are listed', () => {
  it('are looked up once in four seconds, whoever asks', async () => {
    const names = ['a'];
    const { state, clock, found } = offered(names);
    const both = await Promise.all([found(), found()]);
    assert.deepEqual(both, [['a'], ['a']]);
    names.push('b');
    clock.now = 3_999;
    assert.deepEqual(await found(), ['a']);
    assert.equal(state.asked, 1);
    clock.now = 4_000;
    assert.deepEqual(await found(), ['a', 'b']);
    assert.equal(state.asked, 2);
  });

  it('are looked up again when definitions were written here, and after a failure', async () => {
    const names = ['a'];
    const { state, queries, found } = offered(names);
    assert.deepEqual(await found(), ['a']);
    names.push('b');
    queries.forget();
    assert.deepEqual(await found(), ['a', 'b']);
    queries.forget();
    state.fails = true;
    await assert.rejects(found(), /away/);
    state.fails = false;
    assert.deepEqual(await found(), ['a', 'b']);
  });

  it('have the URL of their definition, its own or where it is', async () => {
    const { queries } = offered(['a']);
    const [query] = await queries.all();
    assert.equal(query?.definition, 'http://example.org/OperationDefinition/a');
    assert.deepEqual(query.types, ['Observation']);
  });
});
