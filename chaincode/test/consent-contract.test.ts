import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { Actor } from '../src/consent/actor.ts';
import type { ConsentSet } from '../src/consent/consent-set.ts';
import {
  BASIC,
  json,
  PHARMACY,
  recordCall,
  resultOf,
  SUBJECT,
  TestLedger,
} from './support/ledger.ts';
import { ADMIN, consent, DOCTOR, PATIENT, setOf, SYSTEM } from './support/requests.ts';

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
    const [args, more] = recordCall(setOf());
    const foreign = await ledger.endorse('consent:record', args, { ...more, caller: PHARMACY });
    assert.deepEqual(
      foreign.writes.map(({ key }) => key),
      [`consent/PharmacyMSP/${SUBJECT}`],
    );
  });
});

describe('the writer of consents', () => {
  const DENIES = setOf(consent('no', { type: 'deny' }));

  async function prepared(): Promise<TestLedger> {
    const ledger = new TestLedger();
    await ledger.setPolicy();
    await ledger.record(DENIES);
    return ledger;
  }

  const next = (actor: Actor, self: boolean, before: ConsentSet | undefined = DENIES) =>
    recordCall(setOf(), { epoch: 2, writer: { actor, self }, before });

  it('is the patient, or the consent office of the calling organisation', async () => {
    const ledger = await prepared();
    const may = async (actor: Actor, self = false): Promise<void> => {
      const { writes } = await ledger.endorse('consent:record', ...next(actor, self));
      assert.equal(writes.length, 1);
    };
    await may(PATIENT, true);
    await may(ADMIN);
    await may(SYSTEM);
    for (const [actor, self] of [
      [PATIENT, false],
      [DOCTOR, true],
      [DOCTOR, false],
      [{ ...ADMIN, msp: 'PharmacyMSP' }, false],
      [{ ...SYSTEM, organization: 'Organization/pharmacy' }, false],
    ] as const) {
      const refused = ledger.endorse('consent:record', ...next(actor, self));
      await assert.rejects(refused, /^ContractError: writer-not-entitled: [a-z ]+$/);
    }
  });

  it('is of no office before the policy names the organisation', async () => {
    const call = recordCall(DENIES, { writer: { actor: ADMIN, self: false } });
    await assert.rejects(
      new TestLedger().endorse('consent:record', ...call),
      /writer-not-entitled/,
    );
    const ledger = new TestLedger();
    await ledger.setPolicy();
    assert.equal((await ledger.endorse('consent:record', ...call)).writes.length, 1);
  });

  it('is the one committed to', async () => {
    const ledger = await prepared();
    const [args] = next(ADMIN, false);
    const [, opened] = next(SYSTEM, false);
    const other = ledger.endorse('consent:record', args, opened);
    await assert.rejects(other, /commitment-mismatch/);
  });

  it('opens the consents in force, so that what they deny is judged', async () => {
    const ledger = await prepared();
    for (const before of [setOf(), setOf(consent('no', { type: 'permit' }))]) {
      const call = recordCall(setOf(), { epoch: 2, before });
      await assert.rejects(ledger.endorse('consent:record', ...call), /commitment-mismatch/);
    }
    const none = recordCall(setOf(), { epoch: 2 });
    await assert.rejects(ledger.endorse('consent:record', ...none), /commitment-mismatch/);
    const first = recordCall(setOf(), { before: DENIES });
    await assert.rejects(
      new TestLedger().endorse('consent:record', ...first),
      /commitment-mismatch/,
    );
    await ledger.submit('consent:record', ...next(ADMIN, false));
  });

  it('is void when the policy that names the organisation changes before it is committed', async () => {
    const ledger = await prepared();
    const endorsement = await ledger.endorse('consent:record', ...next(ADMIN, false));
    await ledger.setPolicy({ ...BASIC, version: 2, organization: 'Organization/other' });
    assert.equal(ledger.commit(endorsement), 'MVCC_READ_CONFLICT');
  });

  it('writes neither for nor against the own person', async () => {
    const ledger = await prepared();
    const call = (set: ConsentSet, before?: ConsentSet, epoch = 2) =>
      recordCall(set, { epoch, writer: { actor: ADMIN, self: false }, before: before ?? DENIES });
    const mine = { actors: [{ reference: 'Practitioner/admin' }] };
    const favoured = setOf(...DENIES.consents, consent('own', { type: 'permit', ...mine }));
    await assert.rejects(ledger.endorse('consent:record', ...call(favoured)), /writer-favoured/);
    const against = setOf(consent('own', { type: 'deny', ...mine }));
    await ledger.record(against, 2);
    const lifted = ledger.endorse('consent:record', ...call(setOf(), against, 3));
    await assert.rejects(lifted, /writer-denied/);
    await ledger.record(setOf(), 3);
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
