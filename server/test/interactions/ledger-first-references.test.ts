import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { FhirError } from '../../src/fhir/errors.ts';
import { notLeaving, unlessReferred } from '../../src/interactions/change/departures.ts';
import { conditionsOf, type Keeps } from '../../src/interactions/change/keeps.ts';
import type { LedgerFirst } from '../../src/interactions/change/ledger-first.ts';
import { readPlaces } from '../../src/interactions/change/places.ts';
import { indexOf } from '../../src/interactions/index/index-of.ts';
import type { Services } from '../../src/interactions/services.ts';
import type { Channel } from '../../src/ledger/channel.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { StoreConflict } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { consent } from '../support/clinical-samples.ts';
import {
  edit,
  ledgerFirstStack,
  slowChannel,
  type Edit,
  type LedgerFirstServer,
} from '../support/ledger-first.ts';
import { r4 } from '../support/r4.ts';
import { aWrite } from '../support/store-samples.ts';

/** As much of a server as references are checked with, a minute and more after what is under way began. */
const later = (store: Store, ledgerFirst: LedgerFirst, ms = 0): Services =>
  ({
    integrity: 'write-and-delete',
    store,
    ledgerFirst,
    r4,
    clock: () => Date.now() + ms,
    newId: randomUUID,
    random: randomBytes,
  }) as unknown as Services;

/** A Consent that refers to Practitioner/p, prepared with what keeps that one from being deleted meanwhile. */
async function referring(services: Services): Promise<Edit> {
  const resource = {
    ...consent('c', 'a', { type: 'permit' }),
    performer: [{ reference: 'Practitioner/p' }],
  };
  const guards = conditionsOf([await notLeaving(services, 'Practitioner/p')]);
  const write = aWrite({ type: 'Consent', id: 'c', ...indexOf(r4, resource) });
  return { set: edit('c', 1).set, write, keeps: [guards] };
}

const remove = (services: Services, key: string, write: (departures: Keeps) => Promise<void>) =>
  unlessReferred(services, { deleted: new Set([key]), made: new Set() }, write);
const isConflict = (error: unknown): boolean =>
  error instanceof FhirError && error.code === 'conflict';

/** Deletes Consent/c by way of the ledger. */
function removeConsent(server: LedgerFirstServer, services: Services): Promise<void> {
  const { store } = services;
  return server.change('a', async () => {
    const places = await readPlaces(services, { collection: 'consent-place', keys: ['Consent/c'] });
    const { set } = edit('c', 2);
    const [change] = set.changes;
    assert.ok(change);
    const gone = { ...set, changes: [{ ...change, accepted: undefined }] };
    let keeps: readonly Keeps[] = [];
    // The departure is announced and judged here; what it is written with goes to the ledger.
    await remove(services, 'Consent/c', (departures) => {
      keeps = [places, departures];
      return Promise.resolve();
    });
    const write = aWrite({ type: 'Consent', id: 'c', version: 2, deleted: true });
    assert.ok(await store.versions.current('Consent', 'c'));
    return { set: gone, write, keeps };
  });
}

describe('references while the ledger takes its time', () => {
  it('of a Consent on its way keep their target, before and after it is stored', async () => {
    const { store, channel, server, close } = await ledgerFirstStack();
    await store.write(aWrite({ type: 'Practitioner', id: 'p' }));
    const slow = slowChannel(channel);
    const first = server({ channel: slow.channel });
    const services = later(store, server().machine);
    const changing = first.change('a', () => referring(services));
    await slow.submitting;
    const write = () => Promise.reject(new Error('it must not be deleted'));
    await assert.rejects(remove(services, 'Practitioner/p', write), isConflict);
    slow.letGo();
    await changing;
    await assert.rejects(remove(services, 'Practitioner/p', write), isConflict);
    // Of somebody to whom nobody refers this is no refusal.
    await store.write(aWrite({ type: 'Practitioner', id: 'q' }));
    let written = false;
    await remove(services, 'Practitioner/q', () => {
      written = true;
      return Promise.resolve();
    });
    assert.ok(written);
    await close();
  });

  it('are not sent to the ledger once their target leaves', async () => {
    const { store, ledger, subjects, server, close } = await ledgerFirstStack();
    await store.write(aWrite({ type: 'Practitioner', id: 'p' }));
    const { machine, change } = server();
    const services = later(store, machine);
    await assert.rejects(
      change('a', async () => {
        const prepared = await referring(services);
        await remove(services, 'Practitioner/p', (departures) =>
          store.write({
            ...aWrite({ type: 'Practitioner', id: 'p', version: 2, deleted: true }),
            records: departures.pass,
          }),
        );
        return prepared;
      }),
      StoreConflict,
    );
    assert.equal(await ledger.consent.head(await subjects.of('a')), undefined);
    assert.equal(await store.versions.current('Consent', 'c'), undefined);
    await close();
  });

  it('to a Consent that is leaving have to wait, for as long as its deletion is on its way', async () => {
    const { store, channel, server, close } = await ledgerFirstStack();
    await store.write(aWrite({ type: 'Consent', id: 'c' }));
    const submit: Channel['submit'] = async (transaction) => {
      await channel.submit(transaction);
      throw new LedgerError('commit-unknown', 'the answer was lost');
    };
    const crashed = server({ channel: { submit } });
    await assert.rejects(
      removeConsent(crashed, later(store, crashed.machine)),
      (error) => error instanceof LedgerError,
    );
    const next = server();
    const hour = later(store, next.machine, 3_600_000);
    await assert.rejects(notLeaving(hour, 'Consent/c'), StoreConflict);
    await next.machine.recover();
    assert.equal((await store.versions.current('Consent', 'c'))?.deleted, true);
    await notLeaving(hour, 'Consent/c');
    await close();
  });

  it('may lead to it again when the ledger has refused the deletion', async () => {
    const { store, server, close } = await ledgerFirstStack();
    await store.write(aWrite({ type: 'Consent', id: 'c' }));
    const submit: Channel['submit'] = () =>
      Promise.reject(new LedgerError('commit-invalid', 'it was not valid'));
    const refused = server({ channel: { submit } });
    const services = later(store, refused.machine);
    await assert.rejects(removeConsent(refused, services), (error) => error instanceof LedgerError);
    const guard = await notLeaving(services, 'Consent/c');
    await store.write({ records: [guard] });
    assert.equal((await store.versions.current('Consent', 'c'))?.deleted, false);
    await close();
  });
});
