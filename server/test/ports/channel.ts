import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { appendToFrontier, frontierRoot, type Frontier } from '@chartseal/evidence';
import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import type { Channel } from '../../src/ledger/channel.ts';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { LedgerError, type LedgerPhase } from '../../src/ledger/errors.ts';
import {
  accessRequest,
  commitmentOf,
  consentSet,
  item,
  newSubject,
  recordConsent,
  recording,
} from '../support/ledger-samples.ts';

export interface ChannelUnderTest {
  readonly channel: Channel;
  /** Another connection to the same ledger by the same organisation, as after a restart; the first one is closed. */
  readonly reopen: () => Promise<Channel>;
}

/** The behaviour every adapter of the channel must show. */
export function describeChannel(name: string, open: () => Promise<ChannelUnderTest>): void {
  describe(`channel: ${name}`, () => {
    const use = async (
      test: (ledger: Ledgers, under: ChannelUnderTest) => Promise<void>,
    ): Promise<void> => {
      const under = await open();
      try {
        await test(ledgersOf(under.channel), under);
      } finally {
        await under.channel.close();
      }
    };

    it('is ready', () => use(({ channel }) => channel.ready()));

    it('appends to the log, with the root of RFC 6962', () =>
      use(async (ledger) => {
        const before = await frontier(ledger);
        const leaves = hashes(5);
        const { transaction, result } = await ledger.log.prepareAppend(before.size, leaves);
        assert.equal((await frontier(ledger)).size, before.size, 'preparing changes nothing');
        await ledger.channel.submit(transaction);
        const after = appendToFrontier(before, leaves);
        const root = Buffer.from(frontierRoot(after.frontier)).toString('hex');
        assert.deepEqual(result, { size: before.size + 5, root });
        const head = await ledger.log.head();
        assert.equal(head?.root, root);
        assert.equal(head.size, before.size + 5);
      }));

    it('takes 2,000 leaves in one transaction', () =>
      use(async (ledger) => {
        const { size } = await frontier(ledger);
        const { transaction } = await ledger.log.prepareAppend(size, hashes(2000));
        await ledger.channel.submit(transaction);
        assert.equal((await ledger.log.head())?.size, size + 2000);
      }));

    it('names the code with which the chaincode refuses', () =>
      use(async (ledger) => {
        const { size } = await frontier(ledger);
        const error = await failure(ledger.log.prepareAppend(size + 1, hashes(1)));
        assert.equal(error.phase, 'endorse');
        assert.equal(error.contractCode, 'size-mismatch');
        await ledger.log.prepareAppend(size, hashes(1));
      }));

    it('tells nothing of the ledger in the message of an error', () =>
      use(async (ledger) => {
        const { size } = await frontier(ledger);
        const { message } = await failure(ledger.log.prepareAppend(size + 1, hashes(1)));
        assert.doesNotMatch(message, /\d|HospitalMSP|size|:/);
      }));

    it('gives a transaction its effect once, however often its bytes are submitted', () =>
      use(async (ledger, { channel }) => {
        const { size } = await frontier(ledger);
        const { transaction } = await ledger.log.prepareAppend(size, hashes(3));
        const first = await channel.submit(transaction);
        const again = await Promise.all([channel.submit(transaction), channel.submit(transaction)]);
        assert.deepEqual(again, [first, first]);
        assert.equal((await ledger.log.head())?.size, size + 3);
      }));

    it('says which of two conflicting transactions had no effect, on every submission', () =>
      use(async (ledger, { channel }) => {
        const { size } = await frontier(ledger);
        const winner = await ledger.log.prepareAppend(size, hashes(1));
        const loser = await ledger.log.prepareAppend(size, hashes(2));
        await channel.submit(winner.transaction);
        for (let attempt = 0; attempt < 2; attempt += 1) {
          const error = await failure(channel.submit(loser.transaction));
          assert.equal(error.phase, 'commit-invalid');
          assert.equal(error.validationCode, 'MVCC_READ_CONFLICT');
        }
        assert.equal(await phase(channel.outcome(loser.transaction.txId)), 'commit-invalid');
        assert.equal((await ledger.log.head())?.size, size + 1);
      }));

    it('knows the outcome of what was ordered, and nothing of what was not', () =>
      use(async (ledger, { channel }) => {
        const { size } = await frontier(ledger);
        const { transaction } = await ledger.log.prepareAppend(size, hashes(1));
        assert.equal(await channel.outcome(transaction.txId), undefined);
        const committed = await channel.submit(transaction);
        assert.deepEqual(await channel.outcome(transaction.txId), committed);
      }));

    it('takes prepared bytes of a process that is gone', () =>
      use(async (ledger, { channel, reopen }) => {
        const { size } = await frontier(ledger);
        const { transaction } = await ledger.log.prepareAppend(size, hashes(4));
        await channel.close();
        const next = await reopen();
        try {
          const committed = await next.submit(transaction);
          assert.equal(committed.txId, transaction.txId);
          assert.equal((await ledgersOf(next).log.head())?.size, size + 4);
        } finally {
          await next.close();
        }
      }));

    it('keeps consent heads, epoch by epoch', () =>
      use(async (ledger) => {
        const subject = newSubject();
        assert.equal(await ledger.consent.head(subject), undefined);
        const opened = await recordConsent(ledger, subject, consentSet('permit'));
        assert.deepEqual(await ledger.consent.head(subject), {
          epoch: 1,
          commitment: commitmentOf(opened),
        });
        const again = ledger.consent.prepareRecord(...recording(subject, 1, opened));
        assert.equal((await failure(again)).contractCode, 'epoch-mismatch');
        const next = recording(subject, 2, opened);
        const unopened = ledger.consent.prepareRecord(...next);
        assert.equal((await failure(unopened)).contractCode, 'commitment-mismatch');
        const ready = recording(subject, 2, opened, { before: opened });
        assert.equal((await ledger.consent.prepareRecord(...ready)).result.epoch, 2);
      }));

    it('lets the patient record consents, and nobody who is not of the consent office', () =>
      use(async (ledger) => {
        const [subject, opened] = [newSubject(), aSet()];
        const { actor } = accessRequest();
        const doctor = recording(subject, 1, opened, { writer: { actor, self: false } });
        const refused = await failure(ledger.consent.prepareRecord(...doctor));
        assert.equal(refused.contractCode, 'writer-not-entitled');
        const patient = recording(subject, 1, opened);
        assert.equal((await ledger.consent.prepareRecord(...patient)).result.epoch, 1);
      }));

    it('decides by the opened consents, and finds those stale that are not on the ledger', () =>
      use(async (ledger) => {
        const [permitted, denied, stale] = [newSubject(), newSubject(), newSubject()];
        const opened = new Map([
          [permitted, await recordConsent(ledger, permitted, consentSet('permit'))],
          [denied, await recordConsent(ledger, denied, consentSet('deny'))],
          [stale, aSet()],
        ]);
        const { result } = await ledger.disclosure.prepareDisclose(
          [permitted, denied, stale].map((s) => item(s)),
          opened,
        );
        assert.deepEqual(
          result.decisions.map(({ outcome, epoch }) => [outcome, epoch]),
          [
            ['permit', 1],
            ['deny', 1],
            ['stale', 0],
          ],
        );
      }));

    it('voids a disclosure that a change of consent overtakes', () =>
      use(async (ledger, { channel }) => {
        const subject = newSubject();
        const opened = await recordConsent(ledger, subject, consentSet('permit'));
        const asked = [item(subject)];
        const { transaction } = await ledger.disclosure.prepareDisclose(
          asked,
          new Map([[subject, opened]]),
        );
        await recordConsent(ledger, subject, consentSet('deny', 2), opened);
        assert.equal(await phase(channel.submit(transaction)), 'commit-invalid');
      }));

    it('proves a transaction by its block', () =>
      use(async (ledger, { channel }) => {
        const { size } = await frontier(ledger);
        const { transaction } = await ledger.log.prepareAppend(size, hashes(1));
        await channel.submit(transaction);
        const proof = await channel.proof(transaction.txId);
        assert.equal(proof.ledger, channel.kind);
        assert.equal(proof.txId, transaction.txId);
        assert.ok(proof.block.length > 0);
        assert.equal((await channel.trust()).ledger, channel.kind);
        assert.equal(await phase(channel.proof('00'.repeat(32))), 'unavailable');
      }));
  });
}

/** Where the log stands. */
async function frontier(ledger: Ledgers): Promise<Frontier> {
  const head = await ledger.log.head();
  return {
    size: head?.size ?? 0,
    frontier: head?.frontier.map((hash) => Buffer.from(hash, 'hex')) ?? [],
  };
}

function aSet(): OpenedConsentSet {
  return { salt: randomBytes(32).toString('hex'), set: consentSet('permit') };
}

function hashes(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(32));
}

async function failure(promise: Promise<unknown>): Promise<LedgerError> {
  const error: unknown = await promise.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LedgerError, String(error));
  return error;
}

async function phase(promise: Promise<unknown>): Promise<LedgerPhase> {
  return (await failure(promise)).phase;
}
