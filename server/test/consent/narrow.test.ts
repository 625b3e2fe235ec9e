import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { ResidualRule } from '@chartseal/chaincode';
import type { Principal } from '../../src/auth/principal.ts';
import { ConsentReplica } from '../../src/consent/consent-replica.ts';
import { labelMark } from '../../src/consent/label-mark.ts';
import { UNPLACED } from '../../src/consent/unplaced.ts';
import { inDoubt, narrow } from '../../src/consent/narrow.ts';
import { matches } from '../../src/search/matches.ts';
import type { IndexEntry } from '../../src/search/query.ts';

const HOSPITAL = 'Organization/hospital';
const doctor: Principal = {
  client: 'app',
  subject: 'doctor',
  role: 'practitioner',
  msp: 'HospitalMSP',
  organization: HOSPITAL,
  practitioner: 'Practitioner/doctor',
  scopes: [],
  purposes: ['TREAT'],
  expires: 0,
};
const bounds = { allowed: true, patientOnly: undefined, queries: [] } as const;
const question = { action: 'access', className: 'Observation' } as const;
const marked = [labelMark({ resourceType: 'Observation' })];

/** The hospital's staff by its policy; of patients `denied` the doctor may see nothing, of `by-code` not all. */
function world({ outdated = false }: { readonly outdated?: boolean } = {}) {
  // Nothing is read from the store here.
  const replica = new ConsentReplica(undefined as never, {
    msp: 'HospitalMSP',
    reference: 'Organization/hospital',
  });
  replica.policy = { version: 1, implicit: 'basic-normal', organization: HOSPITAL };
  const actors = [{ reference: 'Practitioner/doctor' }];
  const hold = (
    patient: string,
    rule: Pick<ResidualRule, 'effect'> & { codes?: { code: string }[] },
  ) =>
    replica.hold(patient, {
      salt: '',
      epoch: 1,
      set: {
        consents: [
          {
            id: `Consent/${patient}`,
            version: 1,
            status: 'active',
            provision: {
              type: rule.effect,
              actors,
              exceptions: rule.codes ? [{ type: 'deny', codes: rule.codes, exceptions: [] }] : [],
            },
          },
        ],
      },
    });
  hold('denied', { effect: 'deny' });
  hold('by-code', { effect: 'permit', codes: [{ code: 'secret' }] });
  return { replica, clock: () => Date.parse('2026-01-01'), upkeep: { outdated: () => outdated } };
}

const leaves = (
  by: ReturnType<typeof world>,
  patients: readonly string[],
  index: readonly IndexEntry[] = marked,
): boolean =>
  matches({ id: 'x', lastUpdated: 0, patients, index }, narrow(by, doctor, { bounds, question }));

describe('what a query is narrowed to', () => {
  it('is what each patient of a resource allows, by consents or else by the policy', () => {
    const by = world();
    assert.ok(leaves(by, []));
    assert.ok(leaves(by, ['anybody']));
    assert.ok(leaves(by, ['anybody', 'by-code']));
    assert.ok(!leaves(by, ['denied']));
    assert.ok(!leaves(by, ['anybody', 'denied']));
    assert.ok(!leaves(by, ['by-code', 'denied']));
  });

  it('leaves what concerns somebody who cannot be told to own staff, whatever the policy', () => {
    const pharmacist: Principal = {
      ...doctor,
      role: 'pharmacist',
      msp: 'PharmacyMSP',
      organization: 'Organization/pharmacy',
    };
    const patientToo: Principal = { ...doctor, role: 'patient', patient: 'Patient/anybody' };
    for (const implicit of ['basic-normal', 'all-normal'] as const) {
      const by = world();
      by.replica.policy = { version: 1, implicit, organization: HOSPITAL };
      // Patients here refuse the doctor something: it may be theirs.
      assert.ok(!leaves(by, [UNPLACED]), implicit);
      assert.ok(
        matches(
          { id: 'x', lastUpdated: 0, patients: [UNPLACED], index: marked },
          narrow(by, { ...doctor, role: 'system' }, { bounds, question }),
        ),
        implicit,
      );
      for (const caller of [pharmacist, patientToo]) {
        const filter = narrow(by, caller, { bounds, question });
        const sees = (patients: readonly string[]): boolean =>
          matches({ id: 'x', lastUpdated: 0, patients, index: marked }, filter);
        assert.ok(!sees([UNPLACED]), implicit);
        assert.ok(!sees([UNPLACED, 'by-code']), implicit);
        assert.equal(sees(['anybody']), caller === pharmacist && implicit === 'all-normal');
      }
    }
  });

  it('leaves in doubt what consents say that no index answers, and nothing else', () => {
    const doubt = inDoubt(world(), doctor, { bounds, question });
    assert.ok(doubt);
    const isDoubtful = (...patients: string[]): boolean =>
      matches({ id: 'x', lastUpdated: 0, patients, index: marked }, doubt);
    assert.ok(isDoubtful('by-code'));
    assert.ok(isDoubtful('anybody', 'by-code'));
    assert.ok(!isDoubtful('anybody'));
    assert.ok(!isDoubtful('denied'));
    const other = { ...bounds, patientOnly: 'anybody' };
    assert.equal(inDoubt(world(), doctor, { bounds: other, question }), undefined);
  });

  it('is what is sure while the index is not of today', () => {
    assert.ok(leaves(world(), ['anybody'], []));
    const by = world({ outdated: true });
    assert.ok(!leaves(by, ['anybody'], []));
    assert.ok(leaves(by, ['anybody']));
    assert.ok(!leaves(by, ['by-code']));
    assert.equal(inDoubt(by, doctor, { bounds, question }), undefined);
  });
});
