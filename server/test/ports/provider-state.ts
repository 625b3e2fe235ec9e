import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { makeKeys } from '../../src/auth/provider/signing-keys.ts';
import {
  NEVER,
  type Entry,
  type ProviderState,
} from '../../src/auth/provider/state/provider-state.ts';

/** A place of its own for one state, which any number of servers open. */
export interface StateHome {
  /** @param clock milliseconds since the epoch */
  open(clock: () => number): Promise<ProviderState>;
  remove(): Promise<void>;
}

const NOW = 1_000_000;

/** What every adapter of ProviderState promises, with two servers on one state. */
export function describeProviderState(name: string, settle: () => Promise<StateHome>): void {
  describe(`the state of the authorization server in ${name}`, () => {
    let home: StateHome;
    let one: ProviderState;
    let two: ProviderState;
    let now = NOW;
    beforeAll(async () => {
      home = await settle();
      one = await home.open(() => now * 1000);
      two = await home.open(() => now * 1000);
    });
    afterAll(async () => {
      await one.close();
      await two.close();
      await home.remove();
    });

    let made = 0;
    const anEntry = (more: Partial<Entry> = {}): Entry => {
      made += 1;
      return { model: 'Session', id: `id-${made}`, payload: '{"a":1}', expires: now + 60, ...more };
    };

    it('keeps models apart, and is shared by processes', async () => {
      const entry = anEntry({ uid: 'u', payload: '{"$a.b":"\\u0000ü"}' });
      await one.keep(entry);
      assert.deepEqual(await two.find(entry), { payload: entry.payload });
      assert.deepEqual(await two.findByUid('Session', 'u'), { payload: entry.payload });
      assert.equal(await two.find({ ...entry, model: 'Grant' }), undefined);
      assert.equal(await two.findByUid('Grant', 'u'), undefined);
      assert.equal(await two.find({ ...entry, id: 'another' }), undefined);
    });

    it('replaces what is kept, and what it had beside', async () => {
      const entry = anEntry({ uid: 'before', grant: 'g', consumed: now });
      await one.keep(entry);
      await two.keep({ model: 'Session', id: entry.id, payload: '2', expires: NEVER });
      now += 1000;
      assert.deepEqual(await one.find(entry), { payload: '2', consumed: entry.consumed });
      assert.equal(await one.findByUid('Session', 'before'), undefined);
      await one.removeOfGrant('Session', 'g');
      assert.ok(await one.find(entry));
    });

    it('forgets what has expired, and lets its id be used again', async () => {
      const entry = anEntry({ consumed: 1 });
      assert.equal(await one.keepOnce(entry), true);
      now += 59;
      assert.ok(await two.find(entry));
      assert.equal(await two.keepOnce(anEntry({ id: entry.id })), false);
      now += 1;
      assert.equal(await two.find(entry), undefined);
      const again = anEntry({ id: entry.id, payload: '2' });
      assert.equal(await two.keepOnce(again), true);
      assert.deepEqual(await one.find(entry), { payload: '2' });
    });

    it('cleans away what has ended, and nothing else', async () => {
      const ended = anEntry();
      const lasting = anEntry({ expires: NEVER });
      await one.keep(ended);
      await one.keep(lasting);
      now += 60;
      for (let i = 0; i < 300; i += 1) await one.keep(anEntry());
      assert.equal(await one.find(ended), undefined);
      assert.ok(await one.find(lasting));
    });

    it('lets one of simultaneous calls keep what is kept once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const entry = anEntry();
        const calls = [one, two, one, two].map((state) => state.keepOnce(entry));
        assert.equal((await Promise.all(calls)).filter((kept) => kept).length, 1);
        now += 60;
        const later = [one, two, one, two].map((state) =>
          state.keepOnce(anEntry({ id: entry.id })),
        );
        assert.equal((await Promise.all(later)).filter((kept) => kept).length, 1);
      }
    });

    it('consumes a code once', async () => {
      const code = anEntry({ model: 'AuthorizationCode' });
      await one.keep(code);
      assert.equal(await two.consume(code), true);
      assert.equal(await one.consume(code), false);
      assert.deepEqual(await one.find(code), { payload: code.payload, consumed: now });
      assert.equal(await one.consume({ ...code, id: 'unknown' }), false);
      const ended = anEntry({ model: 'AuthorizationCode' });
      await one.keep(ended);
      now += 60;
      assert.equal(await one.consume(ended), false);
    });

    it('lets one of simultaneous calls consume', async () => {
      for (let round = 0; round < 10; round += 1) {
        const code = anEntry({ model: 'AuthorizationCode' });
        await one.keep(code);
        const calls = [one, two, one, two].map((state) => state.consume(code));
        assert.equal((await Promise.all(calls)).filter((consumed) => consumed).length, 1);
      }
    });

    it('survives simultaneous writing of one entry', async () => {
      const entry = anEntry();
      await Promise.all([one, two, one, two].map((state) => state.keep(entry)));
      assert.deepEqual(await one.find(entry), { payload: entry.payload });
    });

    it('ends what hangs on a grant, and nothing else', async () => {
      const model = 'AuthorizationCode';
      const [a, b] = [anEntry({ model, grant: 'g' }), anEntry({ model, grant: 'h' })];
      const other = anEntry({ model: 'Other', grant: 'g' });
      for (const entry of [a, b, other]) await one.keep(entry);
      await two.removeOfGrant(model, 'g');
      assert.equal(await one.find(a), undefined);
      assert.ok(await one.find(b));
      assert.ok(await one.find(other));
      await two.remove(b);
      assert.equal(await one.find(b), undefined);
    });

    it('makes its keys once, however many servers start at the same moment', async () => {
      const fresh = await settle();
      const servers = await Promise.all([1, 2, 3, 4].map(() => fresh.open(() => now * 1000)));
      const keys = await Promise.all(servers.map((state) => state.signingKeys(makeKeys)));
      for (const each of keys) assert.deepEqual(each, keys[0]);
      assert.equal(keys[0]?.keys.length, 2);
      const later = await fresh.open(() => now * 1000);
      const none = () => Promise.reject(new Error('there are keys already'));
      assert.deepEqual(await later.signingKeys(none), keys[0]);
      for (const state of [...servers, later]) await state.close();
      await fresh.remove();
    });
  });
}
