import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { commitment } from '@chartseal/evidence';
import { MemoryState, type Endorsement } from '../src/memory-stub.ts';
import { auditedPolicy, custodianPolicy } from '../src/transaction/key-policy.ts';
import { ask, DOCTOR, setOf } from './support/requests.ts';
import {
  BASIC,
  HOSPITAL,
  json,
  MEMBERS,
  OTHER_SUBJECT,
  recordCall,
  resultOf,
  SALT,
  SUBJECT,
  TestLedger,
} from './support/ledger.ts';

const HOSPITALS = custodianPolicy('HospitalMSP', MEMBERS);
const AUDITED = auditedPolicy('HospitalMSP', MEMBERS);
const FIXED = ['disclosure/HospitalMSP', 'log/HospitalMSP', 'policy/HospitalMSP'];

const keep = () => ['custody:keep', ['{}']] as const;
const keepHeads = (subjects: readonly string[], reserve = false) =>
  ['custody:keepHeads', [json({ subjects, reserve })]] as const;
const policies = ({ policies: set }: Endorsement) =>
  Object.fromEntries(set.map(({ key, policy }) => [key, policy]));

/** State as a chaincode without key-level policies left it. */
function withoutPolicies(ledger: TestLedger, values: Readonly<Record<string, unknown>>): void {
  const writes = Object.entries(values).map(([key, value]) => ({
    key,
    value: Buffer.from(json(value)),
  }));
  assert.equal(ledger.state.commit('before', { reads: [], writes, policies: [] }), 'VALID');
}

describe('custody:keep', () => {
  it('reserves the keys of a custodian that has none yet, each under its policy', async () => {
    const ledger = new TestLedger();
    const endorsement = await ledger.endorse(...keep());
    assert.deepEqual(resultOf(endorsement), { brought: 3 });
    assert.deepEqual(policies(endorsement), {
      'disclosure/HospitalMSP': HOSPITALS,
      'log/HospitalMSP': HOSPITALS,
      'policy/HospitalMSP': AUDITED,
    });
    assert.deepEqual(
      endorsement.writes.map(({ key }) => key),
      FIXED,
    );
  });

  it('leaves a reserved key as good as absent', async () => {
    const ledger = new TestLedger();
    await ledger.submit(...keep());
    assert.equal(await ledger.submit('log:head', [json({ msp: 'HospitalMSP' })]), null);
    assert.equal(await ledger.submit('consent:policy', [json({ custodian: 'HospitalMSP' })]), null);
    const { decisions } = await ledger.disclose([{ subject: SUBJECT, request: ask(DOCTOR) }]);
    assert.equal(decisions[0]?.outcome, 'deny');
    await ledger.setPolicy();
    await ledger.submit('log:append', [json({ prevSize: 0 }), Buffer.alloc(32)]);
  });

  it('brings keys of before under their policies with their values, and changes nothing twice', async () => {
    const ledger = new TestLedger();
    withoutPolicies(ledger, { 'policy/HospitalMSP': BASIC });
    const endorsement = await ledger.endorse(...keep());
    assert.deepEqual(resultOf(endorsement), { brought: 3 });
    assert.equal(ledger.commit(endorsement), 'VALID');
    assert.deepEqual(await ledger.submit('consent:policy', ['{"custodian":"HospitalMSP"}']), BASIC);

    const again = await ledger.endorse(...keep());
    assert.deepEqual(resultOf(again), { brought: 0 });
    assert.deepEqual([again.writes, again.policies], [[], []]);
  });

  it('follows the members when another one has joined', async () => {
    const ledger = new TestLedger();
    await ledger.submit(...keep());
    const membership = { ...MEMBERS, organisations: [...MEMBERS.organisations, 'CourtMSP'] };
    const endorsement = await ledger.endorse(...keep(), { membership });
    assert.deepEqual(
      policies(endorsement)['log/HospitalMSP'],
      custodianPolicy('HospitalMSP', membership),
    );
    assert.deepEqual(endorsement.writes, []);
  });

  it('is for members alone', async () => {
    const stranger = { ...HOSPITAL, msp: 'StrangerMSP' };
    await assert.rejects(
      new TestLedger().endorse(...keep(), { caller: stranger }),
      /^ContractError: caller-not-allowed: the organisation is no member/,
    );
  });
});

describe('custody:keepHeads', () => {
  const of = (subject: string) => json({ custodian: 'HospitalMSP', subject });

  it('brings the heads there are under their policy, with their values, and no others', async () => {
    const ledger = new TestLedger();
    const head = { epoch: 4, commitment: 'ab'.repeat(32) };
    const key = `consent/HospitalMSP/${SUBJECT}`;
    withoutPolicies(ledger, { [key]: head });
    const endorsement = await ledger.endorse(...keepHeads([SUBJECT, OTHER_SUBJECT, SUBJECT]));
    assert.deepEqual(resultOf(endorsement), { brought: 1 });
    assert.deepEqual(policies(endorsement), { [key]: HOSPITALS });
    assert.equal(ledger.commit(endorsement), 'VALID');
    assert.deepEqual(await ledger.submit('consent:head', [of(SUBJECT)]), head);
    const again = await ledger.endorse(...keepHeads([SUBJECT, OTHER_SUBJECT]));
    assert.deepEqual([resultOf(again), again.policies], [{ brought: 0 }, []]);
  });

  it('reserves a place, in which a patient is as one without consents', async () => {
    const ledger = new TestLedger();
    await ledger.setPolicy();
    const endorsement = await ledger.endorse(...keepHeads([SUBJECT], true));
    assert.deepEqual(Object.values(policies(endorsement)), [HOSPITALS]);
    assert.equal(ledger.commit(endorsement), 'VALID');
    assert.equal(await ledger.submit('consent:head', [of(SUBJECT)]), null);
    const { decisions } = await ledger.disclose([{ subject: SUBJECT, request: ask(DOCTOR) }]);
    assert.deepEqual([decisions[0]?.outcome, decisions[0]?.epoch], ['permit', 0]);
    await ledger.record(setOf());
  });
});

/** Commits to no consents at all. */
const HELD = commitment(Buffer.from(SALT, 'hex'), json(setOf()));

describe('what a custodian writes', () => {
  it('is under its policy from the first write on, and with each further one', async () => {
    for (const state of [new MemoryState(), undefined]) {
      const ledger = new TestLedger();
      if (state === undefined) {
        withoutPolicies(ledger, {
          'policy/HospitalMSP': BASIC,
          [`consent/HospitalMSP/${SUBJECT}`]: { epoch: 1, commitment: HELD },
          'log/HospitalMSP': { size: 0, root: '', frontier: [] },
        });
      }
      const next = state === undefined ? 2 : 1;
      const before = state === undefined ? setOf() : undefined;
      const call = recordCall(setOf(), { epoch: next, before });
      const record = await ledger.endorse('consent:record', ...call);
      assert.deepEqual(policies(record), { [`consent/HospitalMSP/${SUBJECT}`]: HOSPITALS });
      const policy = await ledger.endorse('consent:setPolicy', [json({ ...BASIC, version: next })]);
      assert.deepEqual(policies(policy), { 'policy/HospitalMSP': AUDITED });
      const append = await ledger.endorse('log:append', [json({ prevSize: 0 }), Buffer.alloc(32)]);
      assert.deepEqual(policies(append), { 'log/HospitalMSP': HOSPITALS });
    }
  });

  it('asks the auditor for the policy, and the auditor itself another member', () => {
    assert.notDeepEqual(AUDITED, HOSPITALS);
    assert.deepEqual(auditedPolicy('AuditorMSP', MEMBERS), custodianPolicy('AuditorMSP', MEMBERS));
  });
});
