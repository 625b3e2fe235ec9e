import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { MerkleReader } from '@chartseal/evidence';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { activate } from '../../src/activate.ts';
import { Custody } from '../../src/consent/custody.ts';
import { OwnPolicy } from '../../src/consent/policy.ts';
import { ConsentReplica } from '../../src/consent/consent-replica.ts';
import { handleErrors } from '../../src/http/error-handler.ts';
import { healthRoutes } from '../../src/http/health.ts';
import { consentRow } from '../../src/interactions/change/consent-row.ts';
import { LedgerFirst } from '../../src/interactions/change/ledger-first.ts';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { Serving } from '../../src/ledger/serving.ts';
import { Pulse } from '../../src/ledger/pulse.ts';
import { Sequencer } from '../../src/provenance/sequencer.ts';
import { Subjects } from '../../src/provenance/subjects.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { FaultyChannel, type Fault } from '../support/faulty-channel.ts';
import { embedded, inFolder } from '../support/ledger-samples.ts';

interface World {
  readonly channel: FaultyChannel;
  readonly ledger: Ledgers;
  readonly store: Store;
  /** Lets this many ms pass for the pulse. */
  readonly pass: (ms: number) => void;
  readonly ask: () => Promise<{ readonly status: number; readonly body: unknown }>;
}

const OURS = { implicit: 'basic-normal', organization: 'Organization/hospital' } as const;
const READY = { status: 200, body: { status: 'ready' } };
const notReady = (reason: string) => ({ status: 503, body: { status: 'not ready', reason } });
const always = (fault: Fault): Fault[] => Array.from({ length: 1_000 }, () => fault);

/** What decides readiness, over a store and a ledger that can be spoiled. */
async function inWorld(faults: readonly Fault[], test: (world: World) => Promise<void>) {
  await inFolder(async (folder) => {
    const store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
    const channel = new FaultyChannel(await embedded(folder), faults);
    let passed = 0;
    const pulse = new Pulse(channel, () => performance.now() + passed);
    const observed = pulse.observed();
    const ledger = ledgersOf(observed);
    const replica = new ConsentReplica(store.records, {
      msp: channel.msp,
      reference: 'Organization/hospital',
    });
    const serving = new Serving();
    const subjects = new Subjects(store, randomBytes);
    const log = new MerkleReader((from, to) => store.leaves.leafHashes(from, to));
    const activation = activate({
      store,
      pulse,
      ledger,
      replica,
      ledgerFirst: new LedgerFirst({
        store,
        channel: observed,
        newId: randomUUID,
        indexed: (version) => version,
        rows: [
          consentRow({
            ledger: ledger.consent,
            replica,
            subjects,
            random: randomBytes,
            base: 'http://127.0.0.1:8080/fhir',
            evidence: 'warn',
            isResourceType: () => true,
          }),
        ],
      }),
      sequencer: new Sequencer({ queue: store.leaves, ledger, log, now: () => performance.now() }),
      serving,
      custody: new Custody({ ledger: ledger.custody, replica, subjects, brought: () => undefined }),
      policy: new OwnPolicy(ledger.consent, OURS, serving),
      failed: () => undefined,
    });
    const app = Fastify();
    handleErrors(app, () => []);
    healthRoutes(app, {
      operators: 'everybody',
      ready: () => activation.ready(),
      metrics: new Registry(),
    });
    const ask = async () => {
      const { statusCode, body } = await app.inject('/readyz');
      return { status: statusCode, body: JSON.parse(body) as unknown };
    };
    try {
      await test({ channel, ledger, store, pass: (ms) => (passed += ms), ask });
    } finally {
      channel.faults.length = 0;
      await activation.close();
      await app.close();
      await channel.close();
      await store.close();
    }
  });
}

async function untilReady({ ask }: World): Promise<void> {
  for (let i = 0; (await ask()).status !== 200; i += 1) {
    assert.ok(i < 400, 'it does not become ready');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('/readyz', () => {
  it('turns 503 when ordering stops without any traffic, says why, and returns by itself', () =>
    inWorld([], async (world) => {
      const { channel, ask, pass } = world;
      await untilReady(world);
      channel.faults.push(...always('refuseSubmit'));
      assert.deepEqual(await ask(), READY, 'a sign of life counts for some seconds');
      pass(5_001);
      assert.deepEqual(await ask(), notReady('the ledger orders nothing now'));
      assert.deepEqual(await ask(), notReady('the ledger orders nothing now'));
      channel.faults.length = 0;
      assert.deepEqual(await ask(), READY);
    }));

  it('turns 503 at once when a transaction of the traffic fails', () =>
    inWorld([], async (world) => {
      const { channel, ledger, ask } = world;
      await untilReady(world);
      channel.faults.push(...always('failSubmit'));
      const policy = { implicit: 'deny', organization: 'Organization/hospital' } as const;
      await assert.rejects(ledger.consent.setPolicy({ ...policy, version: 2 }));
      assert.deepEqual(await ask(), notReady('the ledger orders nothing now'));
    }));

  it('orders one probe in five seconds at most, only when asked, and none while others order', () =>
    inWorld([], async (world) => {
      const { channel, ledger, ask, pass } = world;
      await untilReady(world);
      const before = channel.submitted.length;
      for (let i = 0; i < 50; i += 1) assert.deepEqual(await ask(), READY);
      assert.equal(channel.submitted.length, before);
      pass(60_000);
      assert.equal(channel.submitted.length, before, 'nobody asked');
      await Promise.all(Array.from({ length: 20 }, ask));
      assert.equal(channel.submitted.length, before + 1);
      pass(60_000);
      await ledger.consent.setPolicy({ ...OURS, version: 2 });
      for (let i = 0; i < 20; i += 1) assert.deepEqual(await ask(), READY);
      assert.equal(
        channel.submitted.length,
        before + 2,
        'the transaction of the traffic is enough',
      );
    }));

  it('says what it waits for while it starts', () =>
    inWorld(always('failEvaluate'), async (world) => {
      const { channel, ask } = world;
      assert.deepEqual(await ask(), notReady('the server is starting and waits for the ledger'));
      channel.faults.length = 0;
      await untilReady(world);
    }));

  it('names the store when that is what is missing, and nothing of what it said', () =>
    inWorld([], async (world) => {
      await untilReady(world);
      await world.store.close();
      assert.deepEqual(await world.ask(), notReady('the resource store cannot be used now'));
    }));

  it('turns 503 at once when the policy on the ledger is not the one we set, and returns by itself', () =>
    inWorld([], async (world) => {
      const { ledger, ask } = world;
      await untilReady(world);
      await ledger.consent.setPolicy({ ...OURS, implicit: 'all-normal', version: 2 });
      const reason = 'the overarching policy on the ledger is not the one this server set';
      assert.deepEqual(await ask(), notReady(reason));
      await ledger.consent.setPolicy({ ...OURS, version: 3 });
      assert.deepEqual(await ask(), READY);
    }));
});
