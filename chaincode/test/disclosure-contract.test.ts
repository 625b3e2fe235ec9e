import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { commitment } from '@chartseal/evidence';
import { decideAccess } from '../src/decide/decide-access.ts';
import {
  AT,
  BASIC,
  discloseCall,
  json,
  NONCE,
  OTHER_SUBJECT,
  PHARMACY,
  recordCall,
  resultOf,
  SUBJECT,
  TestLedger,
} from './support/ledger.ts';
import { ask, consent, DOCTOR, PHARMACIST, setOf } from './support/requests.ts';

const GRANT = setOf(
  consent('pharmacy', {
    type: 'permit',
    actors: [{ reference: 'Organization/pharmacy' }],
    classes: ['MedicationRequest'],
    purposes: ['TREAT'],
  }),
);
const REVOKED = setOf(consent('pharmacy', undefined, { status: 'inactive', version: 2 }));
const READ = { subject: SUBJECT, request: ask(PHARMACIST) };

async function prepared(): Promise<TestLedger> {
  const ledger = new TestLedger();
  await ledger.setPolicy();
  await ledger.record(GRANT);
  return ledger;
}

describe('disclosure:disclose', () => {
  it('decides by the consents the ledger holds and commits to the decision', async () => {
    const ledger = await prepared();
    const result = await ledger.disclose([{ ...READ, set: GRANT }]);
    const decision = decideAccess({
      request: READ.request,
      consents: GRANT,
      policy: BASIC,
      custodian: 'HospitalMSP',
      at: AT,
    });
    assert.equal(decision.outcome, 'permit');
    const expected = commitment(Buffer.from(NONCE, 'hex'), json(decision));
    assert.deepEqual(result, {
      at: AT,
      policyVersion: 1,
      decisions: [{ outcome: 'permit', epoch: 1, commitment: expected }],
    });
  });

  it('writes one record, the hash of its result, and nothing about the patient in clear', async () => {
    const ledger = await prepared();
    const [args, more] = discloseCall([{ ...READ, set: GRANT }]);
    const endorsement = await ledger.endorse('disclosure:disclose', args, { ...more, txId: 'abc' });
    const [write] = endorsement.writes;
    assert.equal(endorsement.writes.length, 1);
    assert.equal(write?.key, 'disclosure/HospitalMSP');
    // Groups of one block write this key: none may set its policy, which would exclude the others.
    assert.deepEqual(endorsement.policies, []);
    const hash = createHash('sha256').update(endorsement.result).digest('hex');
    assert.equal(Buffer.from(write.value).toString(), json({ result: hash }));
    assert.deepEqual(
      endorsement.reads.map(({ key }) => key),
      [`consent/HospitalMSP/${SUBJECT}`, 'policy/HospitalMSP'],
    );
    const onLedger = [...args, endorsement.result, write.value].map((part) =>
      Buffer.from(part).toString(),
    );
    assert.doesNotMatch(onLedger.join(), /Medication|pharmac|Organization|TREAT/i);
  });

  it('decides a group, each request for itself', async () => {
    const ledger = await prepared();
    const { decisions } = await ledger.disclose([
      { ...READ, set: GRANT },
      { subject: OTHER_SUBJECT, request: ask(PHARMACIST) },
      { subject: OTHER_SUBJECT, request: ask(DOCTOR) },
      { subject: SUBJECT, request: ask(PHARMACIST, { class: 'Observation' }), set: GRANT },
    ]);
    assert.deepEqual(
      decisions.map(({ outcome, epoch }) => [outcome, epoch]),
      [
        ['permit', 1],
        ['deny', 0],
        ['permit', 0],
        ['deny', 1],
      ],
    );
  });

  it('says stale for exactly the requests whose opened consents are not the current ones', async () => {
    const ledger = await prepared();
    await ledger.record(REVOKED, 2);
    const { decisions } = await ledger.disclose([
      { ...READ, set: GRANT },
      { subject: OTHER_SUBJECT, request: ask(DOCTOR) },
    ]);
    assert.deepEqual(decisions[0], { outcome: 'stale', epoch: 2 });
    assert.equal(decisions[1]?.outcome, 'permit');
    const unopened = await ledger.disclose([READ]);
    assert.deepEqual(unopened.decisions, [{ outcome: 'stale', epoch: 2 }]);
    const invented = await ledger.disclose([
      { subject: OTHER_SUBJECT, request: ask(PHARMACIST), set: GRANT },
    ]);
    assert.deepEqual(invented.decisions, [{ outcome: 'stale', epoch: 0 }]);
    const current = await ledger.disclose([{ ...READ, set: REVOKED }]);
    assert.equal(current.decisions[0]?.outcome, 'deny');
  });

  it('is void when consent or policy changed after it was prepared', async () => {
    const ledger = await prepared();
    const call = discloseCall([{ ...READ, set: GRANT }]);
    const before = await ledger.endorse('disclosure:disclose', ...call);
    const again = await ledger.endorse('disclosure:disclose', ...call);
    assert.equal(ledger.commit(before), 'VALID');
    await ledger.record(REVOKED, 2);
    assert.equal(ledger.commit(again), 'MVCC_READ_CONFLICT');

    const other = await ledger.endorse(
      'disclosure:disclose',
      ...discloseCall([{ ...READ, set: REVOKED }]),
    );
    await ledger.setPolicy({ ...BASIC, version: 2 });
    assert.equal(ledger.commit(other), 'MVCC_READ_CONFLICT');
  });

  it('is void when a first consent was recorded after it was prepared', async () => {
    const ledger = new TestLedger();
    await ledger.setPolicy();
    const call = discloseCall([{ subject: SUBJECT, request: ask(DOCTOR) }]);
    const before = await ledger.endorse('disclosure:disclose', ...call);
    assert.deepEqual(
      (resultOf(before) as { decisions: { outcome: string }[] }).decisions[0]?.outcome,
      'permit',
    );
    await ledger.submit('consent:record', ...recordCall(setOf(consent('no', { type: 'deny' }))));
    assert.equal(ledger.commit(before), 'MVCC_READ_CONFLICT');
  });

  it('does not hinder other disclosures of the same patient', async () => {
    const ledger = await prepared();
    const call = discloseCall([{ ...READ, set: GRANT }]);
    const both = [
      await ledger.endorse('disclosure:disclose', ...call),
      await ledger.endorse('disclosure:disclose', ...call),
    ];
    assert.deepEqual(
      both.map((endorsement) => ledger.commit(endorsement)),
      ['VALID', 'VALID'],
    );
  });

  it('permits nothing without a policy', async () => {
    const { decisions, policyVersion } = await new TestLedger().disclose([
      { subject: SUBJECT, request: ask(DOCTOR) },
    ]);
    assert.deepEqual([decisions[0]?.outcome, policyVersion], ['deny', 0]);
  });

  it("judges by the caller's own policy and consents", async () => {
    const ledger = await prepared();
    const { decisions } = await ledger.disclose([{ subject: SUBJECT, request: ask(DOCTOR) }], {
      caller: PHARMACY,
    });
    assert.deepEqual([decisions[0]?.outcome, decisions[0]?.epoch], ['deny', 0]);
  });

  it('refuses requests other than those committed to', async () => {
    const ledger = await prepared();
    const [args] = discloseCall([READ]);
    const [, forged] = discloseCall([{ subject: SUBJECT, request: ask(DOCTOR) }]);
    await assert.rejects(
      ledger.endorse('disclosure:disclose', args, forged),
      /commitment-mismatch: request 0/,
    );
    const [, two] = discloseCall([READ, READ]);
    await assert.rejects(
      ledger.endorse('disclosure:disclose', args, two),
      /invalid-argument: facts/,
    );
    const [, extra] = discloseCall([{ ...READ, set: GRANT }]);
    const [elsewhere] = discloseCall([{ ...READ, subject: OTHER_SUBJECT }]);
    await assert.rejects(
      ledger.endorse('disclosure:disclose', elsewhere, extra),
      /invalid-argument: facts open the consents of a subject not asked for/,
    );
    await assert.rejects(ledger.endorse('disclosure:disclose', args, {}), /missing-transient/);
  });
});
