import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { invoke, MemoryState } from '@chartseal/chaincode/memory-stub';
import { common, msp } from '@hyperledger/fabric-protos';

const MEMBERS = {
  organisations: ['HospitalMSP', 'PharmacyMSP', 'InsurerMSP', 'AuditorMSP'],
  auditor: 'AuditorMSP',
};

/** Written as Fabric's command line takes a policy. */
function written(bytes: Uint8Array): string {
  const envelope = common.SignaturePolicyEnvelope.deserializeBinary(bytes);
  assert.equal(envelope.getVersion(), 0);
  const identities = envelope.getIdentitiesList().map((principal) => {
    assert.equal(principal.getPrincipalClassification(), msp.MSPPrincipal.Classification.ROLE);
    const role = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
    assert.equal(role.getRole(), msp.MSPRole.MSPRoleType.PEER);
    return role.getMspIdentifier();
  });
  const text = (rule: common.SignaturePolicy): string => {
    const nested = rule.getNOutOf();
    if (nested === undefined) return identities[rule.getSignedBy()] ?? 'nobody';
    return `OutOf(${[nested.getN(), ...nested.getRulesList().map(text)].join(', ')})`;
  };
  const rule = envelope.getRule();
  assert.ok(rule);
  // Every peer must read the very bytes that Fabric itself would write.
  assert.deepEqual(Buffer.from(envelope.serializeBinary()), Buffer.from(bytes));
  return text(rule);
}

async function policiesOf(
  organisation: string,
  membership = MEMBERS,
): Promise<Record<string, string>> {
  const { policies } = await invoke({
    ...{ contract: 'custody', transaction: 'keep', args: ['{}'], txId: 'tx' },
    at: '2026-11-21T09:00:00.000Z',
    caller: { msp: organisation, attributes: { 'fhir.role': 'server' } },
    ...{ state: new MemoryState(), membership },
  });
  return Object.fromEntries(policies.map(({ key, policy }) => [key, written(policy)]));
}

describe('key-level policies, as Fabric reads them', () => {
  it('ask the custodian and one other, for its policy the auditor', async () => {
    const own = 'OutOf(2, HospitalMSP, OutOf(1, PharmacyMSP, InsurerMSP, AuditorMSP))';
    assert.deepEqual(await policiesOf('HospitalMSP'), {
      'disclosure/HospitalMSP': own,
      'log/HospitalMSP': own,
      'policy/HospitalMSP': 'OutOf(2, HospitalMSP, OutOf(1, AuditorMSP))',
    });
  });

  it('ask the auditor and one other for all that is its own', async () => {
    const own = 'OutOf(2, AuditorMSP, OutOf(1, HospitalMSP, PharmacyMSP, InsurerMSP))';
    assert.deepEqual(new Set(Object.values(await policiesOf('AuditorMSP'))), new Set([own]));
  });

  it('hold for names and numbers of any length', async () => {
    const organisations = Array.from({ length: 100 }, (_, i) => `${'Long'.repeat(13)}${i}MSP`);
    const [first = ''] = organisations;
    const policies = await policiesOf(first, { organisations, auditor: organisations[99] ?? '' });
    assert.match(policies[`log/${first}`] ?? '', /99MSP\)\)$/);
  });

  it('ask a member that is alone', async () => {
    const alone = { organisations: ['HospitalMSP'], auditor: 'HospitalMSP' };
    assert.deepEqual(
      new Set(Object.values(await policiesOf('HospitalMSP', alone))),
      new Set(['HospitalMSP']),
    );
  });
});
