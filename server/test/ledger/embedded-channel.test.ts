import assert from 'node:assert/strict';
import { createHash, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import type { EmbeddedBlock } from '@chartseal/evidence';
import { ledgersOf } from '../../src/ledger/contracts/ledgers.ts';
import { describeChannel } from '../ports/channel.ts';
import { embedded, inFolder } from '../support/ledger-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'chartseal-embedded-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeChannel('embedded', async () => ({
  channel: await embedded(folder),
  reopen: () => embedded(folder),
}));

describe('embedded channel', () => {
  it('chains and signs its blocks', () =>
    inFolder(async (own) => {
      const channel = await embedded(own);
      const ledger = ledgersOf(channel);
      const trust = await channel.trust();
      assert.equal(trust.ledger, 'embedded');
      let previous = '';
      for (let size = 0; size < 3; size += 1) {
        const { transaction } = await ledger.log.prepareAppend(size, [Buffer.alloc(32, size)]);
        await channel.submit(transaction);
        const proof = await channel.proof(transaction.txId);
        assert.equal(proof.ledger, 'embedded');
        const signature = Buffer.from(proof.signature, 'base64');
        assert.ok(verify(null, Buffer.from(proof.block), trust.publicKey, signature));
        const block = JSON.parse(proof.block) as EmbeddedBlock;
        assert.equal(block.number, size);
        assert.equal(block.previous, previous);
        assert.deepEqual(
          block.transactions.map(({ txId, valid, creator }) => [txId, valid, creator]),
          [[transaction.txId, true, 'HospitalMSP']],
        );
        previous = createHash('sha256').update(proof.block).digest('hex');
      }
      await channel.close();
    }));

  it('keeps its key and state across processes, and the organisations apart', () =>
    inFolder(async (own) => {
      const hospital = await embedded(own);
      const pharmacy = await embedded(own, 'PharmacyMSP');
      const prepared = await ledgersOf(hospital).log.prepareAppend(0, [Buffer.alloc(32, 1)]);
      await hospital.submit(prepared.transaction);
      assert.deepEqual(await pharmacy.trust(), await hospital.trust());
      assert.equal(await ledgersOf(pharmacy).log.head(), undefined);
      assert.equal((await ledgersOf(pharmacy).log.head('HospitalMSP'))?.size, 1);
      await hospital.close();
      await pharmacy.close();
    }));

  it('puts transactions of one turn into one block', () =>
    inFolder(async (own) => {
      const channels = [await embedded(own)];
      const [channel] = channels;
      assert.ok(channel);
      const ledger = ledgersOf(channel);
      const version = { implicit: 'deny', organization: 'Organization/hospital' } as const;
      await ledger.consent.setPolicy({ version: 1, ...version });
      const log = await ledger.log.prepareAppend(0, [Buffer.alloc(32, 1)]);
      const conflict = await ledger.log.prepareAppend(0, [Buffer.alloc(32, 2)]);
      const [first, second] = await Promise.allSettled([
        channel.submit(log.transaction),
        channel.submit(conflict.transaction),
      ]);
      assert.equal(first.status, 'fulfilled');
      assert.equal(second.status, 'rejected');
      const proof = await channel.proof(conflict.transaction.txId);
      assert.equal((JSON.parse(proof.block) as EmbeddedBlock).transactions.length, 2);
      await channel.close();
    }));
});
