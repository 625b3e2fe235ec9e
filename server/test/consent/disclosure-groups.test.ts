import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import fc from 'fast-check';
import {
  DisclosureGroups,
  type DisclosureItem,
  type DisclosureLimits,
  type DisclosureVerdict,
} from '../../src/consent/disclosure-groups.ts';
import type { Channel } from '../../src/ledger/channel.ts';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { LedgerError, type LedgerPhase } from '../../src/ledger/errors.ts';
import { FaultyChannel, type Fault } from '../support/faulty-channel.ts';
import {
  accessRequest,
  consentSet,
  embedded,
  inFolder,
  item,
  newSubject,
  recordConsent,
} from '../support/ledger-samples.ts';

const LIMITS: Partial<DisclosureLimits> = { linger: 1, staleWait: 1, deadline: 5000 };

/** The embedded ledger with a policy, the consent sets as a store would hold them, and a record of the callbacks. */
class Bench {
  readonly channel: FaultyChannel;
  readonly sound: Ledgers;
  readonly store = new Map<string, OpenedConsentSet>();
  /** Transactions that were told to be VALID. */
  readonly recorded: string[] = [];
  readonly groups: DisclosureGroups;

  constructor(channel: Channel, faults: readonly Fault[], limits: Partial<DisclosureLimits>) {
    this.sound = ledgersOf(channel);
    this.channel = new FaultyChannel(channel, faults);
    this.groups = new DisclosureGroups({
      ledger: ledgersOf(this.channel),
      reload: (subject) => Promise.resolve(this.store.get(subject)),
      recorded: (txId) => this.recorded.push(txId),
      limits: { ...LIMITS, ...limits },
    });
  }

  async subject(type?: 'permit' | 'deny'): Promise<string> {
    const subject = newSubject();
    if (type !== undefined) await this.consent(subject, type);
    return subject;
  }

  async consent(subject: string, type: 'permit' | 'deny', version = 1): Promise<void> {
    const before = this.store.get(subject);
    const set = consentSet(type, version);
    this.store.set(subject, await recordConsent(this.sound, subject, set, before));
  }

  item(subject: string): DisclosureItem {
    return item(subject, this.store.get(subject));
  }

  /** The verdict's own transaction is VALID and holds the item. */
  async assertRecorded(
    asked: DisclosureItem,
    verdict: DisclosureVerdict | undefined,
  ): Promise<void> {
    assert.ok(verdict !== undefined && verdict.outcome !== 'stale');
    assert.ok(await this.sound.channel.outcome(verdict.txId), 'the transaction is not VALID');
    assert.ok(this.holds(verdict.txId, asked), 'the transaction does not hold the item');
    assert.ok(this.recorded.includes(verdict.txId));
  }

  /** Whether the endorsing peers were shown the item for this transaction. */
  holds(transaction: string, { nonce }: DisclosureItem): boolean {
    const shown = Buffer.from(nonce).toString('hex');
    return this.channel.prepared.some(
      ({ txId, call }) => txId === transaction && String(call.transient?.['facts']).includes(shown),
    );
  }
}

async function onBench(
  test: (bench: Bench) => Promise<void>,
  {
    faults = [],
    limits = {},
  }: { faults?: readonly Fault[]; limits?: Partial<DisclosureLimits> } = {},
): Promise<void> {
  await inFolder(async (folder) => {
    const channel = await embedded(folder);
    const policy = { version: 1, implicit: 'basic-normal', organization: 'Organization/hospital' };
    await ledgersOf(channel).consent.setPolicy(
      policy as Parameters<Ledgers['consent']['setPolicy']>[0],
    );
    try {
      await test(new Bench(channel, faults, limits));
    } finally {
      await channel.close();
    }
  });
}

async function failure(promise: Promise<unknown>): Promise<LedgerPhase> {
  const error: unknown = await promise.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LedgerError, String(error));
  return error.phase;
}

describe('disclosure groups', () => {
  it('gives each item its own verdict, in order', () =>
    onBench(async (bench) => {
      const subjects = [
        await bench.subject('permit'),
        await bench.subject('deny'),
        await bench.subject(),
      ];
      const items = subjects.map((subject) => bench.item(subject));
      const verdicts = await bench.groups.disclose(items);
      assert.deepEqual(
        verdicts.map((verdict) => [verdict.outcome, verdict.epoch]),
        [
          ['permit', 1],
          ['deny', 1],
          ['permit', 0],
        ],
      );
      for (const [i, asked] of items.entries()) await bench.assertRecorded(asked, verdicts[i]);
    }));

  it('says nothing about nobody', () =>
    onBench(async (bench) => {
      assert.deepEqual(await bench.groups.disclose([]), []);
      assert.equal(bench.channel.prepared.length, 0);
    }));

  it('lets concurrent calls share a transaction, and lone ones leave at once', () =>
    onBench(
      async (bench) => {
        const subjects = await Promise.all(Array.from({ length: 20 }, () => bench.subject()));
        const calls = subjects.map((subject) => bench.groups.disclose([bench.item(subject)]));
        const ids = (await Promise.all(calls)).flat().map((v) => v.outcome !== 'stale' && v.txId);
        assert.equal(new Set(ids).size, 1);
        await bench.groups.disclose([bench.item(await bench.subject())]);
        assert.equal(bench.channel.submitted.length, 2);
      },
      { limits: { linger: 4000 } },
    ));

  it('splits what exceeds a group, and awaits all of it', () =>
    onBench(
      async (bench) => {
        const subjects = await Promise.all(Array.from({ length: 20 }, () => bench.subject()));
        const verdicts = await bench.groups.disclose(
          subjects.map((subject) => bench.item(subject)),
        );
        assert.equal(verdicts.length, 20);
        assert.equal(bench.channel.submitted.length, 3);
      },
      { limits: { groupSize: 8 } },
    ));

  for (const [fault, phase] of [
    ['failPrepare', 'unavailable'],
    ['failSubmit', 'commit-unknown'],
    ['failSubmitButCommitted', 'commit-unknown'],
    ['refuseSubmit', 'submit'],
  ] as const) {
    it(`discloses nothing after ${fault}, and goes on`, () =>
      onBench(
        async (bench) => {
          const asked = [bench.item(await bench.subject('permit'))];
          assert.equal(await failure(bench.groups.disclose(asked)), phase);
          assert.deepEqual(bench.recorded, []);
          const [verdict] = await bench.groups.disclose(asked);
          assert.equal(verdict?.outcome, 'permit');
          assert.deepEqual(bench.recorded, [verdict.txId]);
        },
        { faults: [fault] },
      ));
  }

  it('follows a consent that changes while the group is under way', () =>
    onBench(async (bench) => {
      const changing = await bench.subject('permit');
      const others = await Promise.all(Array.from({ length: 7 }, () => bench.subject()));
      const items = [changing, ...others].map((subject) => bench.item(subject));
      let changed = false;
      bench.channel.beforeSubmit = async () => {
        if (!changed) await bench.consent(changing, 'deny', 2);
        changed = true;
      };
      const verdicts = await bench.groups.disclose(items);
      assert.equal(verdicts[0]?.outcome, 'deny');
      assert.equal(verdicts[0].epoch, 2);
      for (const [i, asked] of items.entries()) {
        if (i > 0) assert.equal(verdicts[i]?.outcome, 'permit');
        await bench.assertRecorded(asked, verdicts[i]);
      }
      assert.ok(bench.channel.submitted.length > bench.recorded.length, 'no group was invalid');
    }));

  it('gives up when every attempt loses to a change', () =>
    onBench(
      async (bench) => {
        const asked = [bench.item(await bench.subject())];
        assert.equal(await failure(bench.groups.disclose(asked)), 'commit-invalid');
        assert.equal(bench.channel.submitted.length, 3);
      },
      { faults: ['conflict', 'conflict', 'conflict'], limits: { conflictRetries: 2 } },
    ));

  it('reloads a stale consent set', () =>
    onBench(async (bench) => {
      const subject = await bench.subject('permit');
      const old = bench.item(subject);
      await bench.consent(subject, 'deny', 2);
      const [verdict] = await bench.groups.disclose([old]);
      assert.equal(verdict?.outcome, 'deny');
      assert.equal(verdict.epoch, 2);
    }));

  it('gives no decision on a set that stays stale, and records none', () =>
    onBench(async (bench) => {
      const subject = await bench.subject('permit');
      bench.store.set(subject, {
        salt: randomBytes(32).toString('hex'),
        set: consentSet('permit'),
      });
      assert.deepEqual(await bench.groups.disclose([bench.item(subject)]), [
        { outcome: 'stale', epoch: 1 },
      ]);
      assert.deepEqual(bench.channel.submitted, []);
    }));

  it('does not believe peers that decide otherwise', () =>
    onBench(async (bench) => {
      const subject = await bench.subject('deny');
      const honest = bench.channel.prepare.bind(bench.channel);
      bench.channel.prepare = async (call) => {
        const prepared = await honest(call);
        const text = Buffer.from(prepared.result).toString().replaceAll('"deny"', '"permit"');
        return { ...prepared, result: Buffer.from(text) };
      };
      assert.equal(await failure(bench.groups.disclose([bench.item(subject)])), 'endorse');
      assert.deepEqual(bench.channel.submitted, []);
      bench.channel.prepare = honest;
      assert.equal((await bench.groups.disclose([bench.item(subject)]))[0]?.outcome, 'deny');
    }));

  it('keeps a request that the chaincode refuses from failing the others', () =>
    onBench(async (bench) => {
      const bad = { ...bench.item(newSubject()), request: accessRequest({ purposes: [] }) };
      const good = Array.from({ length: 6 }, () => bench.item(newSubject()));
      const refused = failure(bench.groups.disclose([bad]));
      const verdicts = await Promise.all(good.map((each) => bench.groups.disclose([each])));
      assert.equal(await refused, 'endorse');
      assert.ok(verdicts.flat().every(({ outcome }) => outcome === 'permit'));
    }));

  it('answers by its deadline when the ledger does not', () =>
    onBench(
      async (bench) => {
        bench.channel.submit = () => new Promise(() => undefined);
        const started = performance.now();
        const calls = Array.from({ length: 3 }, () =>
          bench.groups.disclose([bench.item(newSubject())]),
        );
        for (const call of calls) assert.equal(await failure(call), 'unavailable');
        assert.ok(performance.now() - started < 1000);
      },
      { limits: { deadline: 50, inFlight: 1, groupSize: 1 } },
    ));

  it('refuses more than it can queue', () =>
    onBench(
      async (bench) => {
        const items = Array.from({ length: 5 }, () => bench.item(newSubject()));
        assert.equal(await failure(bench.groups.disclose(items)), 'unavailable');
        assert.equal((await bench.groups.disclose(items.slice(0, 4))).length, 4);
      },
      { limits: { queue: 4 } },
    ));

  it('discloses only what a VALID transaction records, whatever goes wrong', async () => {
    const fault = fc.constantFrom<Fault>(
      'ok',
      'ok',
      'failPrepare',
      'failSubmit',
      'failSubmitButCommitted',
      'refuseSubmit',
      'conflict',
      'slow',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 10 }),
        fc.array(fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.array(fc.nat(5), { maxLength: 3 }),
        (faults, calls, revoked) =>
          onBench(
            async (bench) => {
              const kinds = ['permit', 'deny', undefined, 'permit', 'deny', undefined] as const;
              const subjects: string[] = [];
              for (const kind of kinds) subjects.push(await bench.subject(kind));
              const revocation = (async () => {
                for (const i of revoked) {
                  const subject = subjects[i] ?? '';
                  const epoch = (await bench.sound.consent.head(subject))?.epoch ?? 0;
                  await bench.consent(subject, 'deny', epoch + 1);
                }
              })();
              await Promise.all(
                calls.map(async (call) => {
                  const items = call.map((i) => bench.item(subjects[i] ?? ''));
                  const verdicts = await bench.groups.disclose(items).catch((error: unknown) => {
                    assert.ok(error instanceof LedgerError, String(error));
                    return [];
                  });
                  for (const [i, verdict] of verdicts.entries()) {
                    if (verdict.outcome === 'stale') continue;
                    const asked = items[i];
                    assert.ok(asked !== undefined);
                    await bench.assertRecorded(asked, verdict);
                  }
                }),
              );
              await revocation;
              for (const i of revoked) {
                const asked = bench.item(subjects[i] ?? '');
                bench.channel.faults.length = 0;
                assert.equal((await bench.groups.disclose([asked]))[0]?.outcome, 'deny');
              }
            },
            { faults, limits: { groupSize: 4, inFlight: 2 } },
          ),
      ),
      { numRuns: 60 },
    );
  });
});
