import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { DisclosureGroups } from '../../src/consent/disclosure-groups.ts';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import type { FabricChannel } from '../../src/ledger/fabric/fabric-channel.ts';
import { testNetwork, type TestNetwork } from '../support/fabric-network.ts';
import { item, newSubject } from '../support/ledger-samples.ts';

/** Nothing may hang longer. */
const PATIENCE = 15_000;
/** How long service may take to return after the processes have. */
const RECOVERY = 120_000;

let network: TestNetwork;
let channel: FabricChannel;
let ledger: Ledgers;
let stopped: readonly string[] = [];

beforeAll(async () => {
  network = await testNetwork();
});
afterAll(() => network.close());
beforeEach(async () => {
  channel = await network.open('hospital');
  ledger = ledgersOf(channel);
});
afterEach(async () => {
  await start();
  await untilAllOrder();
  await channel.close();
});

async function stop(...processes: readonly string[]): Promise<void> {
  stopped = processes;
  await network.stop(processes);
}

async function start(): Promise<void> {
  const processes = stopped;
  stopped = [];
  if (processes.length > 0) await network.start(processes);
}

/** One that only copies blocks yet does not count among those that order: nothing would be ordered if another one went. */
async function untilAllOrder(): Promise<void> {
  const end = performance.now() + RECOVERY;
  for (;;) {
    await returns(append);
    const decided = await network.decided();
    // They may be a block apart while they are asked.
    if (Math.min(...decided) >= Math.max(...decided) - 1) return;
    assert.ok(performance.now() < end, `the orderers have decided ${decided.join()}`);
  }
}

function groups(): DisclosureGroups {
  return new DisclosureGroups({ ledger, reload: () => Promise.resolve(undefined) });
}

async function append(): Promise<void> {
  const size = (await ledger.log.head())?.size ?? 0;
  const { transaction } = await ledger.log.prepareAppend(size, [randomBytes(32)]);
  await channel.submit(transaction);
}

async function failsInTime(act: () => Promise<unknown>): Promise<LedgerError> {
  const started = performance.now();
  const error: unknown = await act().then(
    () => assert.fail('it was acknowledged'),
    (reason: unknown) => reason,
  );
  const took = performance.now() - started;
  assert.ok(error instanceof LedgerError, String(error));
  assert.ok(took < PATIENCE, `it took ${took} ms`);
  return error;
}

async function returns(act: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + RECOVERY;
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

describe('fabric outages', () => {
  it('acknowledges nothing without two of four orderers, and recovers by itself', async () => {
    await append();
    await stop('orderer.pharmacy', 'orderer.auditor');
    const disclosing = groups();
    for (let i = 0; i < 2; i += 1) {
      const error = await failsInTime(() => disclosing.disclose([item(newSubject())]));
      assert.ok(['commit-unknown', 'unavailable'].includes(error.phase), error.phase);
    }
    const { phase } = await failsInTime(append);
    assert.ok(['commit-unknown', 'unavailable'].includes(phase), phase);
    await start();
    await returns(append);
    await returns(() => disclosing.disclose([item(newSubject())]));
  });

  it('settles a transaction by its own bytes when nobody knew what became of it', async () => {
    const size = (await ledger.log.head())?.size ?? 0;
    const { transaction } = await ledger.log.prepareAppend(size, [randomBytes(32)]);
    await stop('orderer.pharmacy', 'orderer.auditor');
    assert.equal((await failsInTime(() => channel.submit(transaction))).phase, 'commit-unknown');
    await start();
    await returns(() => channel.submit(transaction));
    assert.ok(await channel.outcome(transaction.txId));
    assert.equal((await ledger.log.head())?.size, size + 1);
  });

  it('goes on with one orderer down', async () => {
    await stop('orderer.insurer');
    await returns(append);
    const [verdict] = await groups().disclose([item(newSubject())]);
    assert.ok(verdict !== undefined && verdict.outcome !== 'stale');
  });

  it('turns to another organisation when the one that endorsed is down', async () => {
    await append();
    await stop('peer.pharmacy');
    for (let i = 0; i < 3; i += 1) {
      const started = performance.now();
      await append();
      assert.ok(performance.now() - started < PATIENCE);
    }
  });

  it('is unavailable while its own peer is down, and recovers by itself', async () => {
    await append();
    await stop('peer.hospital');
    assert.equal((await failsInTime(() => channel.ready())).phase, 'unavailable');
    assert.equal((await failsInTime(() => ledger.log.head())).phase, 'unavailable');
    await start();
    await returns(() => channel.ready());
    await returns(append);
  });
});
