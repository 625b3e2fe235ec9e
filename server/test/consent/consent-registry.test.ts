import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { CompiledConsent } from '@chartseal/chaincode';
import { consentPlaces, type ConsentPlaces } from '../../src/consent/consent-place.ts';
import { ConsentRegistry, type ConsentEdit } from '../../src/consent/consent-registry.ts';
import { ConsentReplica } from '../../src/consent/consent-replica.ts';
import type { Channel } from '../../src/ledger/channel.ts';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { openEmbeddedChannel } from '../../src/ledger/embedded/embedded-channel.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { Subjects } from '../../src/provenance/subjects.ts';
import {
  StoreConflict,
  type ResourceStore,
  type WriteSet,
} from '../../src/store/resource-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { aWrite } from '../support/store-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'consent-registry-'));
after(() => rmSync(folder, { recursive: true }));
let stacks = 0;

interface Stack {
  readonly store: ResourceStore;
  readonly channel: Channel;
  readonly ledger: Ledgers;
  readonly subjects: Subjects;
  readonly server: (
    faults?: Partial<{ store: ResourceStore; channel: Pick<Channel, 'submit'> }>,
  ) => {
    readonly registry: ConsentRegistry;
    readonly replica: ConsentReplica;
  };
}

async function stack(): Promise<Stack> {
  stacks += 1;
  const store = await openSqliteStore(join(folder, `${stacks}.sqlite`), { randomBytes });
  const channel = await openEmbeddedChannel({
    folder: join(folder, `ledger-${stacks}`),
    msp: 'HospitalMSP',
    now: Date.now,
    random: randomBytes,
  });
  const ledger = ledgersOf(channel);
  const subjects = new Subjects(store, randomBytes);
  return {
    store,
    channel,
    ledger,
    subjects,
    server: (faults = {}) => {
      const replica = new ConsentReplica(faults.store ?? store, {
        msp: 'HospitalMSP',
        organization: 'Organization/hospital',
      });
      const registry = new ConsentRegistry({
        store: faults.store ?? store,
        channel: faults.channel ?? channel,
        ledger: ledger.consent,
        replica,
        subjects,
        random: randomBytes,
      });
      return { registry, replica };
    },
  };
}

function edit(id: string, version: number, type: 'permit' | 'deny' = 'permit'): ConsentEdit {
  const compiled: CompiledConsent = {
    id: `Consent/${id}`,
    version,
    status: 'active',
    provision: { type, exceptions: [] },
  };
  const note: WriteSet = {
    records: [
      { collection: 'note', key: `${id}-${version}`, value: Buffer.from([0, 255, version]) },
    ],
  };
  return { id: `Consent/${id}`, compiled, write: note };
}

const noted = (store: ResourceStore, key: string): Promise<Uint8Array | undefined> =>
  store.record('note', key);

describe('the consent registry', () => {
  it('puts a change on the ledger and then in the store', async () => {
    const { store, ledger, subjects, server } = await stack();
    const { registry, replica } = server();
    await registry.change('a', () => Promise.resolve(edit('one', 1)));
    await registry.change('a', () => Promise.resolve(edit('two', 1, 'deny')));
    const head = await ledger.consent.head(await subjects.of('a'));
    assert.equal(head?.epoch, 2);
    assert.equal(replica.held('a')?.epoch, 2);
    assert.deepEqual(
      replica.held('a')?.set.consents.map(({ id }) => id),
      ['Consent/one', 'Consent/two'],
    );
    assert.ok(await noted(store, 'two-1'));
    await store.close();
  });

  it('is followed by searches before the store has written it, whatever is read meanwhile', async () => {
    const { store, server } = await stack();
    const seen: (number | undefined)[] = [];
    const { registry, replica } = server({
      store: {
        ...store,
        record: (collection, key) => store.record(collection, key),
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
    await registry.change('a', () => Promise.resolve(edit('one', 1)));
    assert.deepEqual(seen, [1, undefined]);
    assert.equal(replica.held('a')?.epoch, 1);
    await store.close();
  });

  it('gives concurrent changes of one patient their turns', async () => {
    const { store, ledger, subjects, server } = await stack();
    const { registry, replica } = server();
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        registry.change('a', () => Promise.resolve(edit(`c${i}`, 1))),
      ),
    );
    assert.equal((await ledger.consent.head(await subjects.of('a')))?.epoch, 10);
    assert.equal(replica.held('a')?.set.consents.length, 10);
    await store.close();
  });

  it('finishes a change after a crash between ledger and store', async () => {
    const { store, server } = await stack();
    const crashed = server({ store: crashingAfter(store, 1) });
    await assert.rejects(
      crashed.registry.change('a', () => Promise.resolve(edit('one', 1))),
      /power is gone/,
    );
    assert.equal(await noted(store, 'one-1'), undefined);

    const next = server();
    await next.replica.load();
    assert.equal(next.replica.held('a'), undefined);
    await next.registry.recover();
    assert.equal(next.replica.held('a')?.epoch, 1);
    assert.deepEqual([...((await noted(store, 'one-1')) ?? [])], [0, 255, 1]);
    await next.registry.recover();
    await next.registry.change('a', () => Promise.resolve(edit('two', 1)));
    assert.equal(next.replica.held('a')?.epoch, 2);
    await store.close();
  });

  it('does not answer while it is unknown whether a change took effect, and settles it first next time', async () => {
    const { store, channel, server } = await stack();
    let lost = true;
    const flaky: Pick<Channel, 'submit'> = {
      submit: async (prepared) => {
        const committed = await channel.submit(prepared);
        if (lost) throw new LedgerError('commit-unknown', 'no answer');
        return committed;
      },
    };
    const { registry, replica } = server({ channel: flaky });
    await assert.rejects(
      registry.change('a', () => Promise.resolve(edit('one', 1))),
      {
        phase: 'commit-unknown',
      },
    );
    assert.equal(replica.held('a'), undefined);
    lost = false;
    await registry.change('a', () => Promise.resolve(edit('two', 1)));
    assert.equal(replica.held('a')?.epoch, 2);
    assert.ok(await noted(store, 'one-1'));
    await store.close();
  });

  it('lets one of two processes have a Consent, whoever its patient is, and the other go on', async () => {
    const { store, channel, ledger, subjects, server } = await stack();
    const placesNow = () => consentPlaces({ store, newId: randomUUID }, ['Consent/same']);
    const version = (of: string, number: number, places: ConsentPlaces): ConsentEdit => {
      const write = aWrite({ type: 'Consent', id: 'same', version: number, patients: [of] });
      return { ...edit('same', number), places, write: { ...write, records: places.free } };
    };
    const early = await placesNow();
    let reached = (): void => undefined;
    let letGo = (): void => undefined;
    const submitting = new Promise<void>((resolve) => (reached = resolve));
    const slow: Pick<Channel, 'submit'> = {
      submit: async (prepared) => {
        reached();
        await new Promise<void>((resolve) => (letGo = resolve));
        return channel.submit(prepared);
      },
    };
    const first = server({ channel: slow }).registry;
    const second = server().registry;
    const changing = first.change('a', async () => version('a', 1, await placesNow()));
    await submitting;
    // While it is under way, and by what was prepared before it was done.
    await assert.rejects(
      second.change('b', async () => version('b', 1, await placesNow())),
      StoreConflict,
    );
    const late = () => second.change('b', () => Promise.resolve(version('b', 1, early)));
    await assert.rejects(late(), StoreConflict);
    letGo();
    await changing;
    await assert.rejects(late(), StoreConflict);
    assert.equal(await ledger.consent.head(await subjects.of('b')), undefined);
    assert.deepEqual((await store.current('Consent', 'same'))?.patients, ['a']);
    await second.change('b', () => Promise.resolve(edit('other', 1)));
    assert.equal((await ledger.consent.head(await subjects.of('b')))?.epoch, 1);
    const next = server();
    await next.replica.load();
    await next.registry.change('a', async () => version('a', 2, await placesNow()));
    assert.equal((await store.current('Consent', 'same'))?.version, 2);
    await store.close();
  });

  it('leaves nothing behind when what is to be changed is refused', async () => {
    const { store, ledger, subjects, server } = await stack();
    const { registry, replica } = server();
    await assert.rejects(
      registry.change('a', () => Promise.reject(new Error('If-Match'))),
      /If-Match/,
    );
    assert.equal(await ledger.consent.head(await subjects.of('a')), undefined);
    assert.equal(replica.held('a'), undefined);
    await registry.change('a', () => Promise.resolve(edit('one', 1)));
    assert.equal(replica.held('a')?.epoch, 1);
    await store.close();
  });

  describe('keeps a Consent that is on its way to the ledger from being written by others', () => {
    const ids = ['Consent/one'];
    const change = async (store: ResourceStore): Promise<ConsentEdit> => {
      const places = await consentPlaces({ store, newId: randomUUID }, ids);
      const { write, ...rest } = edit('one', 1);
      return { ...rest, places, write: { records: [...(write.records ?? []), ...places.free] } };
    };

    it('until it is stored, after a crash too', async () => {
      const { store, channel, server } = await stack();
      const before = await consentPlaces({ store, newId: randomUUID }, ids);
      const submit: Channel['submit'] = async (transaction) => {
        await channel.submit(transaction);
        throw new LedgerError('commit-unknown', 'the answer was lost');
      };
      const { registry } = server({ channel: { submit } });
      await assert.rejects(
        registry.change('a', () => change(store)),
        LedgerError,
      );
      await assert.rejects(consentPlaces({ store, newId: randomUUID }, ids), StoreConflict);
      await assert.rejects(store.write({ records: before.pass }), StoreConflict);
      await server().registry.recover();
      assert.ok(await noted(store, 'one-1'));
      // What was read before it is out of date still, and what is read now is not.
      await assert.rejects(store.write({ records: before.pass }), StoreConflict);
      const now = await consentPlaces({ store, newId: randomUUID }, ids);
      await store.write({ records: now.pass });
      await assert.rejects(store.write({ records: now.pass }), StoreConflict);
      await store.close();
    });

    it('until the ledger has refused it', async () => {
      const { store, server } = await stack();
      const submit: Channel['submit'] = () =>
        Promise.reject(new LedgerError('commit-invalid', 'it was not valid'));
      const { registry } = server({ channel: { submit } });
      const before = await consentPlaces({ store, newId: randomUUID }, ids);
      await assert.rejects(
        registry.change('a', () => change(store)),
        LedgerError,
      );
      await store.write({ records: before.pass });
      await store.close();
    });

    it('and is not sent where another has written since it was prepared', async () => {
      const { store, ledger, subjects, server } = await stack();
      await assert.rejects(
        server().registry.change('a', async () => {
          const prepared = await change(store);
          await store.write({
            records: (await consentPlaces({ store, newId: randomUUID }, ids)).pass,
          });
          return prepared;
        }),
        StoreConflict,
      );
      assert.equal(await ledger.consent.head(await subjects.of('a')), undefined);
      await store.close();
    });
  });
});

/** A store whose process dies after this many writes of the registry. */
function crashingAfter(store: ResourceStore, writes: number): ResourceStore {
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
