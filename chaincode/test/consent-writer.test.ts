import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { Actor } from '../src/consent/actor.ts';
import type { CompiledConsent, Provision } from '../src/consent/consent-set.ts';
import { refuseWriter, type WriterRefusal } from '../src/consent/consent-writer.ts';
import * as arbitrary from './support/arbitraries.ts';
import { BASIC } from './support/ledger.ts';
import {
  actor,
  ADMIN,
  consent,
  DOCTOR,
  PATIENT,
  PHARMACIST,
  setOf,
  SYSTEM,
} from './support/requests.ts';

interface Change {
  readonly before?: readonly CompiledConsent[];
  readonly after?: readonly CompiledConsent[];
}

function judge(
  who: Actor,
  { before, after = [] }: Change,
  self = false,
): WriterRefusal | undefined {
  return refuseWriter({
    writer: { actor: who, self },
    before: before && setOf(...before),
    after: setOf(...after),
    policy: BASIC,
    custodian: 'HospitalMSP',
  });
}

const codeOf = (...asked: Parameters<typeof judge>): string | undefined => judge(...asked)?.code;
const naming = (...references: string[]): Pick<Provision, 'actors'> => ({
  actors: references.map((reference) => ({ reference })),
});
const MINE = naming('Practitioner/admin');
const rule = (type: 'permit' | 'deny', more: Partial<Provision> = {}): Provision => ({
  type,
  exceptions: [],
  ...more,
});

describe('who may write Consents', () => {
  const change = { before: [consent('a', { type: 'deny' })] };

  it('the patient, and systems and administration of the custodian', () => {
    assert.equal(judge(PATIENT, change, true), undefined);
    assert.equal(judge(ADMIN, change), undefined);
    assert.equal(judge(SYSTEM, change), undefined);
  });

  it('nobody else, whatever a Consent permits', () => {
    const open = [consent('a', { type: 'permit', actions: ['collect', 'correct'] })];
    for (const who of [
      DOCTOR,
      PHARMACIST,
      PATIENT,
      ...(['lab', 'insurer', 'researcher', 'auditor', 'pharmacist'] as const).map((role) =>
        actor(role),
      ),
      { ...ADMIN, msp: 'InsurerMSP' },
      { ...SYSTEM, organization: 'Organization/unit' },
    ]) {
      assert.equal(codeOf(who, { before: open, after: [] }), 'writer-not-entitled', who.role);
      assert.equal(codeOf(who, {}), 'writer-not-entitled', who.role);
    }
    assert.equal(codeOf(DOCTOR, change, true), 'writer-not-entitled', 'no doctor is the patient');
  });
});

describe('whom a Consent favours', () => {
  const favoured = (provision: Partial<Provision>, who = ADMIN): WriterRefusal | undefined =>
    judge(who, { after: [consent('a', provision)] });

  it('does not write it, and is told where', () => {
    assert.deepEqual(
      favoured({ type: 'permit', ...naming('Organization/x', 'Practitioner/admin') }),
      {
        code: 'writer-favoured',
        consent: 'Consent/a',
        expression: 'Consent.provision.actor[1].reference',
      },
    );
    assert.equal(favoured({ type: 'permit', ...naming('Practitioner/doctor') }), undefined);
  });

  it('also deep inside, and by a rule that is enclosed by one that names the writer', () => {
    const deep = { type: 'deny' as const, exceptions: [rule('deny'), rule('permit', MINE)] };
    assert.equal(favoured(deep)?.expression, 'Consent.provision.provision[1].actor[0].reference');
    const enclosed = { type: 'deny' as const, ...MINE, exceptions: [rule('permit')] };
    assert.equal(favoured(enclosed)?.expression, 'Consent.provision.actor[0].reference');
    assert.equal(favoured({ type: 'deny', ...MINE, exceptions: [rule('deny')] }), undefined);
  });

  it('by the base rule of the Consent', () => {
    const opted = (policyRule: 'permit' | 'deny') =>
      codeOf(ADMIN, { after: [consent('a', MINE, { policyRule })] });
    assert.equal(opted('permit'), 'writer-favoured');
    assert.equal(opted('deny'), undefined);
  });

  it('as a patient too', () => {
    const who = { ...ADMIN, patient: 'Patient/admin' };
    assert.equal(
      favoured({ type: 'permit', ...naming('Patient/admin') }, who)?.code,
      'writer-favoured',
    );
    assert.equal(favoured({ type: 'permit', ...naming('Patient/admin') }), undefined);
  });

  it('is not a whole organisation, the own one neither', () => {
    assert.equal(favoured({ type: 'permit', ...naming('Organization/hospital') }), undefined);
    assert.equal(
      favoured({ type: 'permit', ...naming('Organization/hospital') }, SYSTEM),
      undefined,
    );
    assert.equal(favoured({ type: 'permit' }), undefined);
  });

  it('may not widen what was given, may take it away, and may change other Consents', () => {
    const given = consent('a', { type: 'permit', ...MINE, classes: ['Observation'] });
    const wider = consent('a', { type: 'permit', ...MINE }, { version: 2 });
    assert.equal(codeOf(ADMIN, { before: [given], after: [wider] }), 'writer-favoured');
    const longer = { ...given, version: 2, dateTime: '2020-01-01T00:00:00.000Z' };
    assert.equal(codeOf(ADMIN, { before: [given], after: [longer] }), 'writer-favoured');
    const revoked: CompiledConsent = { id: 'Consent/a', version: 2, status: 'inactive' };
    assert.equal(codeOf(ADMIN, { before: [given], after: [revoked] }), undefined);
    assert.equal(codeOf(ADMIN, { before: [given], after: [] }), undefined);
    assert.equal(codeOf(ADMIN, { before: [given], after: [{ ...given, version: 2 }] }), undefined);
    const other = consent('b', { type: 'permit' });
    assert.equal(codeOf(ADMIN, { before: [given], after: [given, other] }), undefined);
  });

  it('may be the patient, who decides', () => {
    const after = [consent('a', { type: 'permit', ...naming('Patient/demo-a') })];
    assert.equal(codeOf(PATIENT, { after }, true), undefined);
  });
});

describe('whom a Consent denies', () => {
  const denies = consent('a', { type: 'deny', ...MINE });

  it('does not change it in any way', () => {
    const inactive: CompiledConsent = { id: 'Consent/a', version: 2, status: 'inactive' };
    for (const after of [[], [inactive], [{ ...denies, version: 2 }]]) {
      const refused = judge(ADMIN, { before: [denies], after });
      assert.deepEqual(refused, {
        code: 'writer-denied',
        consent: 'Consent/a',
        expression: 'Consent.provision.actor[0].reference',
      });
      assert.equal(codeOf(SYSTEM, { before: [denies], after }), undefined, 'control: another one');
      assert.equal(codeOf(PATIENT, { before: [denies], after }, true), undefined);
    }
  });

  it('may record it, leave it and change others beside it', () => {
    assert.equal(codeOf(ADMIN, { after: [denies] }), undefined);
    const other = consent('b', { type: 'permit' });
    assert.equal(codeOf(ADMIN, { before: [denies], after: [denies, other] }), undefined);
  });

  it('is not everybody: a Consent that denies all, or the organisation, does not lock the office out', () => {
    for (const provision of [rule('deny'), rule('deny', naming('Organization/hospital'))]) {
      for (const who of [ADMIN, SYSTEM]) {
        assert.equal(codeOf(who, { before: [consent('a', provision)], after: [] }), undefined);
      }
    }
  });

  it('only while it is in force', () => {
    const over: CompiledConsent = { id: 'Consent/a', version: 2, status: 'inactive' };
    assert.equal(codeOf(ADMIN, { before: [over], after: [] }), undefined);
  });
});

describe('any change', () => {
  const anyone = fc.constantFrom(DOCTOR, ADMIN, SYSTEM, PHARMACIST, PATIENT, {
    ...ADMIN,
    practitioner: 'Practitioner/doctor',
  });

  it('never gives the writer by name what the writer did not have, nor takes a denial away', () => {
    fc.assert(
      fc.property(
        anyone,
        arbitrary.compiledConsents,
        arbitrary.compiledConsents,
        (who, before, after) => {
          const refused = judge(who, { before, after });
          if (refused !== undefined) return;
          const name = who.practitioner ?? '';
          for (const now of after) {
            const was = before.find(({ id }) => id === now.id);
            const same =
              JSON.stringify({ ...was, version: 0 }) === JSON.stringify({ ...now, version: 0 });
            assert.ok(same || !mentions(now, 'permit', name));
          }
          for (const was of before) {
            const now = after.find(({ id }) => id === was.id);
            const same = JSON.stringify(was) === JSON.stringify(now);
            assert.ok(same || !mentions(was, 'deny', name));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

/** All paths from the root to a rule of this effect, one of which names somebody. */
function mentions(
  { provision, policyRule }: CompiledConsent,
  effect: string,
  name: string,
): boolean {
  const paths = (at: Provision, type: string): (readonly (readonly [Provision, string])[])[] => [
    [[at, type]],
    ...at.exceptions.flatMap((exception) =>
      paths(exception, exception.type ?? 'deny').map((path) => [[at, type] as const, ...path]),
    ),
  ];
  if (provision === undefined) return false;
  return paths(provision, provision.type ?? policyRule ?? 'deny').some(
    (path) =>
      path.at(-1)?.[1] === effect &&
      path.some(([{ actors }]) => actors?.some(({ reference }) => reference === name)),
  );
}
