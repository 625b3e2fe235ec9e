import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import {
  BASIC,
  json,
  PHARMACY,
  recordCall,
  resultOf,
  SUBJECT,
  TestLedger,
} from './support/ledger.ts';
import { consent, setOf } from './support/requests.ts';

const SET = setOf(consent('a', { type: 'permit' }));

describe('consent:record', () => {
  it('keeps epoch and commitment, and nothing of the consents', async () => {
    const ledger = new TestLedger();
    const endorsement = await ledger.endorse('consent:record', ...recordCall(SET));
    assert.deepEqual(
      endorsement.writes.map(({ key }) => key),
      [`consent/HospitalMSP/${SUBJECT}`],
    );
    const written = JSON.parse(Buffer.from(endorsement.writes[0]!.value).toString()) as object;
    assert.deepEqual(Object.keys(written), ['commitment', 'epoch']);
    assert.deepEqual(resultOf(endorsement), written);
    assert.doesNotMatch(Buffer.from(endorsement.writes[0]!.value).toString(), /permit|Consent/);
  });

  it('counts epochs without gaps', async () => {
    const ledger = new TestLedger();
    await ledger.record(SET, 1);
    for (const epoch of [1, 3]) {
      await assert.rejects(ledger.record(SET, epoch), /epoch-mismatch: the current epoch is 1/);
    }
    await ledger.record(SET, 2);
    const head = await ledger.submit('consent:head', [
      json({ custodian: 'HospitalMSP', subject: SUBJECT }),
    ]);
    assert.equal((head as { epoch: number }).epoch, 2);
  });

  it("cannot touch another organisation's patients", async () => {
    const ledger = new TestLedger();
    await ledger.record(SET, 1);
    const [args, more] = recordCall(setOf(), 1);
    const foreign = await ledger.endorse('consent:record', args, { ...more, caller: PHARMACY });
    assert.deepEqual(
      foreign.writes.map(({ key }) => key),
      [`consent/PharmacyMSP/${SUBJECT}`],
    );
  });
});

describe('consent:setPolicy', () => {
  it('counts versions without gaps and is read back', async () => {
    const ledger = new TestLedger();
    const custodian = json({ custodian: 'HospitalMSP' });
    assert.equal(await ledger.submit('consent:policy', [custodian]), null);
    await ledger.setPolicy(BASIC);
    await assert.rejects(ledger.setPolicy(BASIC), /version-mismatch: the current version is 1/);
    await ledger.setPolicy({ ...BASIC, version: 2, implicit: 'deny' });
    assert.deepEqual(await ledger.submit('consent:policy', [custodian]), {
      ...{ version: 2, implicit: 'deny', organization: 'Organization/hospital' },
    });
  });
});
