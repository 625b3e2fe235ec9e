import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { Channel } from '../../src/ledger/channel.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { Pulse } from '../../src/ledger/pulse.ts';

interface Fake extends Channel {
  calls: string[];
  /** What a submit does. */
  order: () => Promise<void>;
}

function fake(): Fake {
  const channel: Fake = {
    kind: 'embedded',
    msp: 'HospitalMSP',
    calls: [],
    order: () => Promise.resolve(),
    prepare: ({ transaction }) => {
      channel.calls.push(transaction);
      return Promise.resolve({ txId: transaction, bytes: Buffer.of(1), result: Buffer.of() });
    },
    submit: async ({ txId }) => {
      await channel.order();
      return { txId, block: 1 };
    },
    outcome: () => Promise.resolve(undefined),
    evaluate: () => Promise.resolve(Buffer.of()),
    proof: () => Promise.reject(new Error('not asked for')),
    trust: () => Promise.reject(new Error('not asked for')),
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return channel;
}

const never = (): Promise<void> => new Promise(() => undefined);
const limits = { fresh: 1000, patience: 50 };

describe('the pulse of the ledger', () => {
  it('orders one transaction for all who ask when nothing was ordered lately', async () => {
    const channel = fake();
    const pulse = new Pulse(channel, () => 0, limits);
    await Promise.all([pulse.alive(), pulse.alive(), pulse.alive()]);
    assert.deepEqual(channel.calls, ['head']);
    await pulse.alive();
    assert.deepEqual(channel.calls, ['head']);
  });

  it('asks for no sign of life while others give one, and asks again afterwards', async () => {
    const channel = fake();
    let now = 0;
    const pulse = new Pulse(channel, () => now, limits);
    await pulse.observed().submit({ txId: 'append', bytes: Buffer.of(2) });
    now = 999;
    await pulse.alive();
    assert.deepEqual(channel.calls, []);
    now = 1000;
    await pulse.alive();
    assert.deepEqual(channel.calls, ['head']);
  });

  it('says unavailable when nothing is ordered in time, and recovers by itself', async () => {
    const channel = fake();
    const pulse = new Pulse(channel, () => performance.now(), limits);
    channel.order = never;
    await assert.rejects(pulse.alive(), { phase: 'unavailable' });
    channel.order = () => Promise.resolve();
    await pulse.observed().submit({ txId: 'append', bytes: Buffer.of(2) });
    await pulse.alive();
  });

  it('says unavailable when the orderers take nothing, and takes a lost race as a sign of life', async () => {
    const channel = fake();
    const pulse = new Pulse(channel, () => 0, limits);
    channel.order = () => Promise.reject(new LedgerError('submit', 'no quorum'));
    await assert.rejects(pulse.alive(), { phase: 'unavailable' });
    channel.order = () =>
      Promise.reject(
        new LedgerError('commit-invalid', 'late', { validationCode: 'MVCC_READ_CONFLICT' }),
      );
    await pulse.alive();
  });

  it('forgets earlier signs of life when a transaction fails', async () => {
    const channel = fake();
    const pulse = new Pulse(channel, () => 0, limits);
    await pulse.alive();
    channel.order = () => Promise.reject(new LedgerError('commit-unknown', 'no answer'));
    await assert.rejects(pulse.observed().submit({ txId: 'x', bytes: Buffer.of(1) }));
    await assert.rejects(pulse.alive(), { phase: 'unavailable' });
  });

  it('takes a transaction that becomes VALID meanwhile for an answer', async () => {
    const channel = fake();
    const pulse = new Pulse(channel, () => 0, { fresh: 1000, patience: 5000 });
    channel.order = never;
    const asked = pulse.alive();
    channel.order = () => Promise.resolve();
    await pulse.observed().submit({ txId: 'append', bytes: Buffer.of(2) });
    await asked;
  });
});
