import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { prepareConsents } from '../../src/consent/record-consents.ts';
import type { Keeps } from '../../src/interactions/change/keeps.ts';
import { readPlaces } from '../../src/interactions/change/places.ts';
import type { Channel } from '../../src/ledger/channel.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { StoreConflict } from '../../src/store/errors.ts';
import type { Store, WriteSet } from '../../src/store/store.ts';
import {
  edit,
  ledgerFirstStack as stack,
  patientOf,
  slowChannel,
  type Edit,
} from '../support/ledger-first.ts';
import { aWrite, token } from '../support/store-samples.ts';

const placesOf = (store: Store, keys: readonly string[]): Promise<Keeps> =>
  readPlaces({ store, newId: randomUUID }, { collection: 'consent-place', keys });
const noted = (store: Store, key: string): Promise<Uint8Array | undefined> =>
  store.records.record('note', key);

describe('what goes to the ledger before it is stored', () => {
  it('puts a change on the ledger and then in the store', async () => {
    const { store, ledger, subjects, server, close } = await stack();
    const { change, replica } = server();
    await change('a', () => Promise.resolve(edit('one', 1)));
    await change('a', () => Promise.resolve(edit('two', 1, 'deny')));
    const head = await ledger.consent.head(await subjects.of('a'));
    assert.equal(head?.epoch, 2);
    assert.equal(replica.held('a')?.epoch, 2);
    assert.deepEqual(
      replica.held('a')?.set.consents.map(({ id }) => id),
      ['Consent/one', 'Consent/two'],
    );
    assert.ok(await noted(store, 'two-1'));
    await close();
  });

  it('is followed by searches before the store has written it, whatever is read meanwhile', async () => {
    const { store, server, close } = await stack();
    const seen: (number | undefined)[] = [];
    const { change, replica } = server({
      store: {
        records: store.records,
        write: async (set) => {
          if (set.records?.some(({ collection }) => collection === 'note')) {
            seen.push(replica.held('a')?.epoch);
            await replica.reload('a');
            seen.push(replica.held('a')?.epoch);
          }
          await store.write(set);
        },
      },
    });
    await change('a', () => Promise.resolve(edit('one', 1)));
    assert.deepEqual(seen, [1, 1]);
    assert.equal(replica.held('a')?.epoch, 1);
    await close();
  });

  it('gives concurrent changes of one patient their turns', async () => {
    const { ledger, subjects, server, close } = await stack();
    const { change, replica } = server();
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => change('a', () => Promise.resolve(edit(`c${i}`, 1)))),
    );
    assert.equal((await ledger.consent.head(await subjects.of('a')))?.epoch, 10);
    assert.equal(replica.held('a')?.set.consents.length, 10);
    await close();
  });

  it('finishes a change after a crash between ledger and store', async () => {
    const { store, server, close } = await stack();
    const crashed = server({ store: crashingAfter(store, 1) });
    await assert.rejects(
      crashed.change('a', () => Promise.resolve(edit('one', 1))),
      /power is gone/,
    );
    assert.equal(await noted(store, 'one-1'), undefined);

    const next = server();
    await next.replica.catchUp();
    assert.equal(next.replica.held('a'), undefined);
    await next.machine.recover();
    assert.equal(next.replica.held('a')?.epoch, 1);
    assert.deepEqual([...((await noted(store, 'one-1')) ?? [])], [0, 255, 1]);
    await next.machine.recover();
    await next.change('a', () => Promise.resolve(edit('two', 1)));
    assert.equal(next.replica.held('a')?.epoch, 2);
    await close();
  });

  it('does not answer while it is unknown whether a change took effect, and settles it first next time', async () => {
    const { store, channel, server, close } = await stack();
    let lost = true;
    const flaky: Pick<Channel, 'submit'> = {
      submit: async (prepared) => {
        const committed = await channel.submit(prepared);
        if (lost) throw new LedgerError('commit-unknown', 'no answer');
        return committed;
      },
    };
    const { change, replica } = server({ channel: flaky });
    await assert.rejects(
      change('a', () => Promise.resolve(edit('one', 1))),
      {
        phase: 'commit-unknown',
      },
    );
    assert.equal(replica.held('a'), undefined);
    lost = false;
    await change('a', () => Promise.resolve(edit('two', 1)));
    assert.equal(replica.held('a')?.epoch, 2);
    assert.ok(await noted(store, 'one-1'));
    await close();
  });

  it('lets one of two processes have a Consent, whoever its patient is, and the other go on', async () => {
    const { store, channel, ledger, subjects, server, close } = await stack();
    const placesNow = () => placesOf(store, ['Consent/same']);
    const version = (of: string, number: number, places: Keeps): Edit => ({
      set: edit('same', number).set,
      write: aWrite({ type: 'Consent', id: 'same', version: number, patients: [of] }),
      keeps: [places],
    });
    const early = await placesNow();
    const slow = slowChannel(channel);
    const first = server({ channel: slow.channel });
    const second = server();
    const changing = first.change('a', async () => version('a', 1, await placesNow()));
    await slow.submitting;
    // While it is under way, and by what was prepared before it was done.
    await assert.rejects(
      second.change('b', async () => version('b', 1, await placesNow())),
      StoreConflict,
    );
    const late = () => second.change('b', () => Promise.resolve(version('b', 1, early)));
    await assert.rejects(late(), StoreConflict);
    slow.letGo();
    await changing;
    await assert.rejects(late(), StoreConflict);
    assert.equal(await ledger.consent.head(await subjects.of('b')), undefined);
    assert.deepEqual((await store.versions.current('Consent', 'same'))?.patients, ['a']);
    await second.change('b', () => Promise.resolve(edit('other', 1)));
    assert.equal((await ledger.consent.head(await subjects.of('b')))?.epoch, 1);
    const next = server();
    await next.replica.catchUp();
    await next.change('a', async () => version('a', 2, await placesNow()));
    assert.equal((await store.versions.current('Consent', 'same'))?.version, 2);
    await close();
  });

  it('is indexed as it is indexed when it is stored, not when it was sent', async () => {
    const { store, channel, server, close } = await stack();
    const slow = slowChannel(channel);
    let code = 'before';
    const { change } = server({
      channel: slow.channel,
      indexed: (version) => ({ ...version, index: [token('custom', null, code)] }),
    });
    const write = aWrite({ type: 'Consent', id: 'one', index: [token('custom', null, code)] });
    const changing = change('a', () => Promise.resolve({ ...edit('one', 1), write }));
    await slow.submitting;
    code = 'after';
    slow.letGo();
    await changing;
    assert.deepEqual(await store.versions.codes('Consent', 'custom', new Set()), ['after']);
    await close();
  });

  it('is stored once when another server has settled it meanwhile', async () => {
    const { store, channel, server, close } = await stack();
    const slow = slowChannel(channel);
    const first = server({ channel: slow.channel });
    const write = aWrite({ type: 'Consent', id: 'one' });
    const changing = first.change('a', () => Promise.resolve({ ...edit('one', 1), write }));
    await slow.submitting;
    await server().machine.recover();
    slow.letGo();
    await changing;
    assert.equal(first.replica.held('a')?.epoch, 1);
    assert.equal(await store.versions.historyCount('Consent', 'one'), 1);
    await close();
  });

  it('is finished also where an earlier version of the server had sent it', async () => {
    const { store, ledger, subjects, server, close } = await stack();
    const { machine, replica } = server();
    const { state, transaction } = await prepareConsents(
      { ledger: ledger.consent, replica, subjects, random: randomBytes },
      { principal: patientOf('a'), patient: 'a', edits: new Map() },
    );
    const signed = { $base64: Buffer.from(transaction.bytes).toString('base64') };
    const kept = { txId: transaction.txId, signed, patient: 'a', held: state, write: {} };
    const value = Buffer.from(JSON.stringify(kept), 'utf8');
    await store.write({ records: [{ collection: 'consent-pending', key: 'a', value }] });
    await machine.recover();
    assert.equal(replica.held('a')?.epoch, 1);
    assert.equal(await store.records.record('consent-pending', 'a'), undefined);
    await close();
  });

  it('keeps its conditions until it is sent, and not longer', async () => {
    const { ledger, subjects, server, close } = await stack();
    const { change } = server();
    const claim = { collection: 'condition', key: 'k', value: Buffer.from('mine') };
    const conditional = (expected: Uint8Array | null): Promise<Edit> =>
      Promise.resolve({ ...edit('one', 1), write: { records: [{ ...claim, expected }] } });
    await assert.rejects(
      change('a', () => conditional(Buffer.from('of somebody else'))),
      StoreConflict,
    );
    assert.equal(await ledger.consent.head(await subjects.of('a')), undefined);
    await change('a', () => conditional(null));
    assert.equal((await ledger.consent.head(await subjects.of('a')))?.epoch, 1);
    await close();
  });

  it('leaves nothing behind when what is to be changed is refused', async () => {
    const { ledger, subjects, server, close } = await stack();
    const { change, replica } = server();
    await assert.rejects(
      change('a', () => Promise.reject(new Error('If-Match'))),
      /If-Match/,
    );
    assert.equal(await ledger.consent.head(await subjects.of('a')), undefined);
    assert.equal(replica.held('a'), undefined);
    await change('a', () => Promise.resolve(edit('one', 1)));
    assert.equal(replica.held('a')?.epoch, 1);
    await close();
  });

  describe('keeps a Consent that is on its way to the ledger from being written by others', () => {
    const ids = ['Consent/one'];
    const placed = async (store: Store): Promise<Edit> => ({
      ...edit('one', 1),
      keeps: [await placesOf(store, ids)],
    });

    it('until it is stored, after a crash too', async () => {
      const { store, channel, server, close } = await stack();
      const before = await placesOf(store, ids);
      const submit: Channel['submit'] = async (transaction) => {
        await channel.submit(transaction);
        throw new LedgerError('commit-unknown', 'the answer was lost');
      };
      const { change } = server({ channel: { submit } });
      await assert.rejects(
        change('a', () => placed(store)),
        LedgerError,
      );
      await assert.rejects(placesOf(store, ids), StoreConflict);
      await assert.rejects(store.write({ records: before.pass }), StoreConflict);
      await server().machine.recover();
      assert.ok(await noted(store, 'one-1'));
      // What was read before it is out of date still, and what is read now is not.
      await assert.rejects(store.write({ records: before.pass }), StoreConflict);
      const now = await placesOf(store, ids);
      await store.write({ records: now.pass });
      await assert.rejects(store.write({ records: now.pass }), StoreConflict);
      await close();
    });

    it('until the ledger has refused it', async () => {
      const { store, server, close } = await stack();
      const submit: Channel['submit'] = () =>
        Promise.reject(new LedgerError('commit-invalid', 'it was not valid'));
      const { change } = server({ channel: { submit } });
      const before = await placesOf(store, ids);
      await assert.rejects(
        change('a', () => placed(store)),
        LedgerError,
      );
      await store.write({ records: before.pass });
      await close();
    });

    it('and is not sent where another has written since it was prepared', async () => {
      const { store, ledger, subjects, server, close } = await stack();
      await assert.rejects(
        server().change('a', async () => {
          const prepared = await placed(store);
          await store.write({
            records: (await placesOf(store, ids)).pass,
          });
          return prepared;
        }),
        StoreConflict,
      );
      assert.equal(await ledger.consent.head(await subjects.of('a')), undefined);
      await close();
    });
  });
});

/** A store whose process dies after this many writes. */
function crashingAfter(store: Store, writes: number): Store {
  let left = writes;
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'write') {
        return (set: WriteSet) => {
          left -= 1;
          return left < 0 ? Promise.reject(new Error('power is gone')) : target.write(set);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
