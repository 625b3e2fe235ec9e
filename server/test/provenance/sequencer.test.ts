import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import {
  appendToFrontier,
  emptyFrontier,
  frontierRoot,
  leafHash,
  MerkleReader,
} from '@chartseal/evidence';
import fc from 'fast-check';
import type { Channel } from '../../src/ledger/channel.ts';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { Leadership } from '../../src/provenance/leadership.ts';
import {
  Sequencer,
  type SequencerLimits,
  type SequencerOptions,
} from '../../src/provenance/sequencer.ts';
import type { LeafQueue } from '../../src/store/leaf-queue.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { FaultyChannel, type Fault } from '../support/faulty-channel.ts';
import { faultyLeafQueue, type QueueFault } from '../support/faulty-leaf-queue.ts';
import { embedded, inFolder } from '../support/ledger-samples.ts';

const LIMITS: Partial<SequencerLimits> = { batch: 7, fill: 2, poll: 5, backoff: [1, 4] };

interface World {
  store: Store;
  channel: Channel;
  ledger: Ledgers;
  readonly reopen: () => Promise<void>;
}

/** A real store and the embedded ledger, that can be closed and opened again as a restarted process would. */
async function inWorld(test: (world: World) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const open = async (): Promise<Pick<World, 'store' | 'channel' | 'ledger'>> => {
      const store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
      const channel = await embedded(folder);
      return { store, channel, ledger: ledgersOf(channel) };
    };
    const world: World = {
      ...(await open()),
      reopen: async () => {
        await world.store.close();
        await world.channel.close();
        Object.assign(world, await open());
      },
    };
    try {
      await test(world);
    } finally {
      await world.store.close();
      await world.channel.close();
    }
  });
}

async function queue(store: Store, from: number, count: number): Promise<void> {
  const leaves = Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.from(`leaf ${from + i}`);
    const salt = Buffer.alloc(32);
    return { id: `leaf-${from + i}`, kind: 'version' as const, bytes, hash: leafHash(bytes), salt };
  });
  await store.write({ leaves });
}

function sequence(
  queue: LeafQueue,
  channel: Channel,
  more: Pick<SequencerOptions, 'leadership' | 'metrics'> = {},
): Sequencer {
  const log = new MerkleReader((from, to) => queue.leafHashes(from, to));
  const ledger = ledgersOf(channel);
  const now = () => performance.now();
  return new Sequencer({ queue, ledger, log, now, limits: LIMITS, ...more });
}

const NO_METRICS = {
  lag: () => undefined,
  anchored: () => undefined,
  failed: () => undefined,
};

/** The sequencer of one of several servers of the store, each with a channel of its own and a count of what went wrong. */
function oneOfSeveral({ store, channel }: World, term: number) {
  const own = new FaultyChannel(channel);
  const leadership = new Leadership({
    ...{ store, of: 'test', newId: randomUUID, now: () => performance.now(), term },
  });
  const failures: unknown[] = [];
  const metrics = { ...NO_METRICS, failed: (error: unknown) => failures.push(error) };
  const sequencer = sequence(store.leaves, own, { leadership, metrics });
  return { sequencer, failures, leadership, submitted: own.submitted };
}

async function drained(
  store: Store,
  sequencer: Sequencer,
  { despite }: { despite?: 'alarm' } = {},
): Promise<void> {
  const end = performance.now() + 10_000;
  while ((await store.leaves.backlog()) > 0) {
    const health = sequencer.health();
    if (despite === undefined) assert.notEqual(health.state, 'alarm', health.reason);
    assert.ok(performance.now() < end, `not drained: ${JSON.stringify(health)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Each leaf exactly once, in store order, under the root that its hashes give. */
async function assertAnchored({ store, ledger }: World, count: number): Promise<void> {
  const head = await ledger.log.head();
  assert.equal(head?.size ?? 0, count);
  assert.equal(await store.leaves.anchoredSize(), count);
  assert.equal(await store.leaves.batch(), undefined);
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < count; i += 1) {
    const leaf = await store.leaves.leaf(`leaf-${i}`);
    assert.equal(leaf?.index, i);
    assert.ok(leaf.anchored !== undefined && leaf.anchored.size > i);
    hashes.push(leaf.hash);
  }
  const { frontier } = appendToFrontier(emptyFrontier, hashes);
  assert.equal(head?.root, Buffer.from(frontierRoot(frontier)).toString('hex'));
}

const CHANNEL_FAULTS: readonly (readonly Fault[])[] = [
  [],
  ['failPrepare'],
  ['failSubmit'],
  ['failSubmit', 'failSubmit', 'failSubmit'],
  ['refuseSubmit'],
  ['failSubmitButCommitted'],
  ['failSubmitButCommitted', 'failOutcome'],
  ['failSubmit', 'failOutcome', 'failSubmitButCommitted'],
  ['conflict'],
  ['conflict', 'conflict', 'failSubmitButCommitted'],
  ['failEvaluate', 'slow'],
];

const QUEUE_FAULTS: readonly (QueueFault | undefined)[] = [
  undefined,
  ...(['openBatch', 'closeBatch'] as const).flatMap((step) =>
    (['before', 'after'] as const).flatMap((when) =>
      [false, true].map((kill) => ({ step, when, kill })),
    ),
  ),
];

async function anchorsDespite(
  faults: readonly Fault[],
  queueFault: QueueFault | undefined,
  groups: readonly number[] = [10, 1, 9],
): Promise<void> {
  await inWorld(async (world) => {
    const total = groups.reduce((sum, count) => sum + count, 0);
    const faulty = faultyLeafQueue(world.store.leaves, queueFault);
    const channel = new FaultyChannel(world.channel, faults);
    let sequencer = sequence(faulty.queue, channel);
    sequencer.start();
    let written = 0;
    for (const count of groups) {
      await queue(world.store, written, count);
      written += count;
      sequencer.wake();
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    if (queueFault?.kill === true) {
      await faulty.killed;
      await sequencer.stop();
      await world.reopen();
      sequencer = sequence(world.store.leaves, new FaultyChannel(world.channel, channel.faults));
      sequencer.start();
    }
    await drained(world.store, sequencer);
    await sequencer.stop();
    await assertAnchored(world, total);
  });
}

describe('sequencer', () => {
  for (const queueFault of QUEUE_FAULTS) {
    for (const faults of CHANNEL_FAULTS) {
      const at = queueFault
        ? `${queueFault.kill ? 'kill' : 'failure'} ${queueFault.when} ${queueFault.step}`
        : 'a sound store';
      const ledger = faults.length > 0 ? faults.join(', ') : 'a sound ledger';
      it(`anchors each leaf once, in order: ${at}, ${ledger}`, () =>
        anchorsDespite(faults, queueFault));
    }
  }

  it('anchors each leaf once whatever faults come together', async () => {
    const fault = fc.constantFrom<Fault>(
      'ok',
      'failPrepare',
      'failSubmit',
      'failSubmitButCommitted',
      'refuseSubmit',
      'conflict',
      'failOutcome',
      'failEvaluate',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 8 }),
        fc.constantFrom(...QUEUE_FAULTS),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
        anchorsDespite,
      ),
      { numRuns: 40 },
    );
  });

  it('puts leaves that come together into one transaction', () =>
    inWorld(async (world) => {
      await queue(world.store, 0, 21);
      const channel = new FaultyChannel(world.channel);
      const sequencer = sequence(world.store.leaves, channel);
      sequencer.start();
      await drained(world.store, sequencer);
      await sequencer.stop();
      assert.equal(channel.submitted.length, 3);
      await assertAnchored(world, 21);
    }));

  it('of three servers of one store anchors by one of them, and nothing goes wrong', () =>
    inWorld(async (world) => {
      const servers = [1, 2, 3].map(() => oneOfSeveral(world, 5_000));
      for (const { sequencer } of servers) sequencer.start();
      for (let from = 0; from < 60; from += 6) {
        await queue(world.store, from, 6);
        for (const { sequencer } of servers) sequencer.wake();
        await new Promise((resolve) => setTimeout(resolve, 8));
      }
      const [one] = servers;
      assert.ok(one);
      await drained(world.store, one.sequencer);
      await Promise.all(servers.map(({ sequencer }) => sequencer.stop()));
      await assertAnchored(world, 60);
      assert.deepEqual(
        servers.flatMap(({ failures }) => failures),
        [],
      );
      assert.equal(servers.filter(({ submitted }) => submitted.length > 0).length, 1);
    }));

  it('is taken over when the leader gives no sign of life, and at once when it stops', () =>
    inWorld(async (world) => {
      const dead = oneOfSeveral(world, 150);
      // It led, and was killed before it could do anything.
      assert.ok(await dead.leadership.leads());
      const heirs = [oneOfSeveral(world, 150), oneOfSeveral(world, 150)];
      await queue(world.store, 0, 20);
      const began = performance.now();
      for (const { sequencer } of heirs) sequencer.start();
      await drained(world.store, heirs[0]!.sequencer);
      assert.ok(performance.now() - began >= 150, 'the leader has a term');
      const leader = heirs.find(({ submitted }) => submitted.length > 0);
      const other = heirs.find((each) => each !== leader);
      assert.ok(leader !== undefined && other !== undefined);
      assert.equal(other.submitted.length, 0);
      await leader.sequencer.stop();
      await queue(world.store, 20, 5);
      await drained(world.store, other.sequencer);
      await other.sequencer.stop();
      await assertAnchored(world, 25);
      assert.equal(await world.store.records.record('leader', 'test'), undefined);
    }));

  it('anchors each leaf once though two servers believe to lead, whatever faults come together', async () => {
    const fault = fc.constantFrom<Fault>('ok', 'failSubmit', 'failSubmitButCommitted', 'conflict');
    const faults = fc.array(fault, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(faults, faults, (one, two) =>
        inWorld(async (world) => {
          const both = [one, two].map((some) =>
            sequence(world.store.leaves, new FaultyChannel(world.channel, some)),
          );
          for (const sequencer of both) sequencer.start();
          for (const from of [0, 9, 18]) {
            await queue(world.store, from, 9);
            for (const sequencer of both) sequencer.wake();
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          await drained(world.store, both[0]!);
          await Promise.all(both.map((sequencer) => sequencer.stop()));
          for (const sequencer of both) assert.equal(sequencer.health().state, 'stopped');
          await assertAnchored(world, 27);
        }),
      ),
      { numRuns: 25 },
    );
  });

  it('tells when a leaf is anchored, and fails when that takes too long', () =>
    inWorld(async (world) => {
      const channel = new FaultyChannel(world.channel, ['slow']);
      const sequencer = sequence(world.store.leaves, channel);
      await queue(world.store, 0, 1);
      await assert.rejects(sequencer.anchored('leaf-0', 20), (error) => {
        return error instanceof LedgerError && error.phase === 'unavailable';
      });
      sequencer.start();
      await sequencer.anchored('leaf-0', 5000);
      assert.ok((await world.store.leaves.leaf('leaf-0'))?.anchored);
      await sequencer.anchored('leaf-0', 0);
      await sequencer.stop();
    }));

  it('measures the lag of the leaves announced to it', () =>
    inWorld(async ({ store, channel }) => {
      const lags: number[] = [];
      const anchored: number[] = [];
      const failures: unknown[] = [];
      const sequencer = new Sequencer({
        queue: store.leaves,
        ledger: ledgersOf(channel),
        log: new MerkleReader((from, to) => store.leaves.leafHashes(from, to)),
        now: () => performance.now(),
        limits: LIMITS,
        metrics: {
          lag: (ms) => lags.push(ms),
          anchored: (leaves) => anchored.push(leaves),
          failed: (error) => failures.push(error),
        },
      });
      sequencer.start();
      await queue(store, 0, 3);
      sequencer.wake(['leaf-0', 'leaf-1', 'leaf-2']);
      await drained(store, sequencer);
      await sequencer.stop();
      assert.deepEqual(anchored, [3]);
      assert.deepEqual(failures, []);
      assert.equal(lags.length, 3);
      assert.ok(lags.every((ms) => ms > 0 && ms < 5000));
    }));

  it('appends nothing, with an alarm, when the ledger holds leaves that the store does not know', () =>
    inWorld(async (world) => {
      const sequencer = sequence(world.store.leaves, world.channel);
      await queue(world.store, 0, 2);
      sequencer.start();
      await drained(world.store, sequencer);
      assert.equal(sequencer.health().state, 'running');
      const { transaction } = await world.ledger.log.prepareAppend(2, [randomBytes(32)]);
      await world.channel.submit(transaction);
      await queue(world.store, 2, 1);
      sequencer.wake();
      await stateOf(sequencer, 'alarm');
      await sequencer.stop();
      assert.equal((await world.store.leaves.leaf('leaf-2'))?.anchored, undefined);
      assert.equal((await world.ledger.log.head())?.size, 3);
    }));

  it('appends nothing, with an alarm, when the ledger holds other leaves than the store', () =>
    inWorld(async (world) => {
      await queue(world.store, 0, 2);
      const ours = (await world.store.leaves.queued(1))[0]?.hash;
      assert.ok(ours);
      // The batch of the store has the same length, but one of its leaves is not what the ledger got.
      const { transaction } = await world.ledger.log.prepareAppend(0, [ours, randomBytes(32)]);
      await world.store.leaves.openBatch({
        txId: 'f'.repeat(64),
        signed: transaction.bytes,
        firstIndex: 0,
        leaves: ['leaf-0', 'leaf-1'],
      });
      await world.channel.submit(transaction);
      const sequencer = sequence(world.store.leaves, world.channel);
      sequencer.start();
      await stateOf(sequencer, 'alarm');
      await sequencer.stop();
      assert.ok(await world.store.leaves.batch());
    }));

  it('closes a batch that the ledger holds although its transaction is not known any more', () =>
    inWorld(async (world) => {
      await queue(world.store, 0, 2);
      const hashes = (await world.store.leaves.queued(2)).map(({ hash }) => hash);
      const { transaction } = await world.ledger.log.prepareAppend(0, hashes);
      await world.store.leaves.openBatch({
        txId: 'f'.repeat(64),
        signed: transaction.bytes,
        firstIndex: 0,
        leaves: ['leaf-0', 'leaf-1'],
      });
      await world.channel.submit(transaction);
      const sequencer = sequence(world.store.leaves, world.channel);
      sequencer.start();
      await drained(world.store, sequencer);
      await sequencer.stop();
      await assertAnchored(world, 2);
    }));

  it('waits while the ledger shows less than the store anchored', () =>
    inWorld(async (world) => {
      await queue(world.store, 0, 3);
      await world.store.leaves.openBatch({
        txId: 'f'.repeat(64),
        signed: Buffer.from('{}'),
        firstIndex: 0,
        leaves: ['leaf-0', 'leaf-1'],
      });
      await world.store.leaves.closeBatch('f'.repeat(64), { size: 2 });
      const sequencer = sequence(world.store.leaves, world.channel);
      sequencer.start();
      await stateOf(sequencer, 'waiting');
      await sequencer.stop();
      assert.equal((await world.store.leaves.leaf('leaf-2'))?.anchored, undefined);
      assert.equal(await world.ledger.log.head(), undefined);
    }));

  for (const foreign of [
    { size: 1, root: '0'.repeat(64), frontier: ['0'.repeat(64)] },
    { size: 2, root: '0'.repeat(64), frontier: ['0'.repeat(64)] },
    { size: 3, root: '0'.repeat(64), frontier: ['0'.repeat(64)] },
    { size: 'many' },
    null,
  ]) {
    it(`raises the alarm unasked when the log becomes ${JSON.stringify(foreign)}, until it is set right`, () =>
      inWorld(async (world) => {
        const told: (string | undefined)[] = [];
        const sequencer = sequence(world.store.leaves, world.channel, {
          metrics: { ...NO_METRICS, contradicted: (reason) => void told.push(reason) },
        });
        await queue(world.store, 0, 2);
        sequencer.start();
        await drained(world.store, sequencer);
        const ours = (await world.ledger.log.head()) ?? null;
        await overwriteLog(world, foreign);
        await stateOf(sequencer, 'alarm');
        await queue(world.store, 2, 1);
        await overwriteLog(world, ours);
        await drained(world.store, sequencer, { despite: 'alarm' });
        await sequencer.stop();
        await assertAnchored(world, 3);
        const reason = 'the log on the ledger is not the one this server keeps';
        assert.deepEqual(told, [reason, undefined]);
      }));
  }
});

/** As somebody would who can write the ledger's state. */
async function overwriteLog({ channel }: World, value: object | null): Promise<void> {
  const txId = randomBytes(32).toString('hex');
  const writes = [{ key: 'log/HospitalMSP', value: JSON.stringify(value) }];
  const forged = JSON.stringify({ txId, creator: 'HospitalMSP', reads: [], writes });
  await channel.submit({ txId, bytes: Buffer.from(forged) });
}

async function stateOf(sequencer: Sequencer, state: string): Promise<void> {
  const end = performance.now() + 5000;
  while (sequencer.health().state !== state) {
    assert.ok(performance.now() < end, `still ${sequencer.health().state}, not ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
