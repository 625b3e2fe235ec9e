import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { CompiledConsent } from '@chartseal/chaincode';
import type { Consent, ConsentProvision } from 'fhir/r4.js';
import { compileConsent, consentPatient } from '../../src/consent/from-consent.ts';
import { FhirError } from '../../src/fhir/errors.ts';

const BASE = 'http://127.0.0.1:8080/fhir';
const TYPES = new Set(['MedicationRequest', 'Observation', 'Patient']);
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';

const coding = (system: string, code: string) => ({ system: `${TERMINOLOGY}/${system}`, code });
const concept = (system: string, code: string) => ({ coding: [coding(system, code)] });
const participant = (code: string, reference: string) => ({
  role: concept('v3-ParticipationType', code),
  reference: { reference },
});
const medicationRequests = {
  system: 'http://hl7.org/fhir/resource-types',
  code: 'MedicationRequest',
};

function consent(provision?: ConsentProvision, more: Partial<Consent> = {}): Consent {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: concept('consentscope', 'patient-privacy'),
    category: [concept('v3-ActCode', 'INFA')],
    patient: { reference: 'Patient/demo-a' },
    ...(provision === undefined ? {} : { provision }),
    ...more,
  };
}

function compile(source: Consent): CompiledConsent | undefined {
  return compileConsent(source, {
    id: 'c',
    version: 3,
    base: BASE,
    isResourceType: (name) => TYPES.has(name),
  });
}

function refused(source: Consent, expression: string): void {
  assert.throws(
    () => compile(source),
    (error) => {
      assert.ok(error instanceof FhirError, String(error));
      assert.deepEqual([error.code, error.expression], ['unprocessable', [expression]]);
      return true;
    },
  );
}

describe('compileConsent', () => {
  it('keeps every criterion of the provision tree', () => {
    const source = consent(
      {
        type: 'permit',
        period: { start: '2026-01-01', end: '2026-12-31' },
        actor: [participant('IRCP', 'Organization/pharmacy')],
        action: [concept('consentaction', 'access')],
        purpose: [coding('v3-ActReason', 'TREAT')],
        class: [medicationRequests],
        provision: [
          {
            type: 'deny',
            actor: [participant('IRCP', `${BASE}/Practitioner/other-doctor/_history/2`)],
            securityLabel: [coding('v3-Confidentiality', 'R')],
            code: [
              {
                coding: [
                  { system: 'http://loinc.org', code: '1' },
                  { system: 'urn:x', code: 'a' },
                ],
              },
            ],
            dataPeriod: { start: '2020', end: '2021-02' },
            data: [{ meaning: 'related', reference: { reference: 'Encounter/1' } }],
          },
        ],
      },
      { dateTime: '2026-01-01T12:00:00+02:00' },
    );
    assert.deepEqual(compile(source), {
      id: 'Consent/c',
      version: 3,
      status: 'active',
      dateTime: '2026-01-01T10:00:00.000Z',
      provision: {
        type: 'permit',
        period: { start: '2026-01-01T00:00:00.000Z', end: '2026-12-31T23:59:59.999Z' },
        actors: [
          { role: coding('v3-ParticipationType', 'IRCP'), reference: 'Organization/pharmacy' },
        ],
        actions: ['access'],
        purposes: ['TREAT'],
        classes: ['MedicationRequest'],
        exceptions: [
          {
            type: 'deny',
            actors: [{ reference: 'Practitioner/other-doctor' }],
            labels: [coding('v3-Confidentiality', 'R')],
            codes: [
              { system: 'http://loinc.org', code: '1' },
              { system: 'urn:x', code: 'a' },
            ],
            dataPeriod: { start: '2020-01-01T00:00:00.000Z', end: '2021-02-28T23:59:59.999Z' },
            data: [{ meaning: 'related', reference: 'Encounter/1' }],
            exceptions: [],
          },
        ],
      },
    });
  });

  it('reads dates of every precision as the widest range they may mean', () => {
    const period = (start: string, end: string): unknown =>
      compile(consent({ type: 'permit', period: { start, end } }))?.provision?.period;
    assert.deepEqual(period('2024', '2024'), {
      start: '2024-01-01T00:00:00.000Z',
      end: '2024-12-31T23:59:59.999Z',
    });
    assert.deepEqual(period('2024-02', '2024-02'), {
      start: '2024-02-01T00:00:00.000Z',
      end: '2024-02-29T23:59:59.999Z',
    });
    assert.deepEqual(period('2024-02-03T04:05:06+01:00', '2024-02-03T04:05:06.7Z'), {
      start: '2024-02-03T03:05:06.000Z',
      end: '2024-02-03T04:05:06.799Z',
    });
  });

  it('takes the base rule from the root type, else from the policy rule', () => {
    const rule = (code: string) => ({ policyRule: concept('v3-ActCode', code) });
    assert.equal(compile(consent(undefined, rule('OPTIN')))?.policyRule, 'permit');
    assert.equal(compile(consent(undefined, rule('OPTOUT')))?.policyRule, 'deny');
    const both = compile(consent({ type: 'deny' }, rule('OPTIN')));
    assert.deepEqual([both?.policyRule, both?.provision?.type], [undefined, 'deny']);
    assert.deepEqual(compile(consent()), { id: 'Consent/c', version: 3, status: 'active' });
    refused(consent({}, rule('EMRGONLY')), 'Consent.policyRule');
  });

  it('keeps only the status of a consent that is not active', () => {
    const odd = consent({ modifierExtension: [{ url: 'urn:x' }] }, { status: 'inactive' });
    assert.deepEqual(compile(odd), { id: 'Consent/c', version: 3, status: 'inactive' });
    refused({ ...odd, status: 'active' }, 'Consent.provision.modifierExtension');
  });

  it('leaves consents to other things than the use of data alone', () => {
    const scoped = (code: string) =>
      consent({ type: 'deny' }, { scope: concept('consentscope', code) });
    assert.equal(compile(scoped('treatment')), undefined);
    assert.equal(compile(scoped('adr')), undefined);
    assert.deepEqual(compile(scoped('research'))?.provision?.purposes, ['HRESCH']);
    assert.equal(compile(scoped('patient-privacy'))?.provision?.purposes, undefined);
    refused(scoped('unknown'), 'Consent.scope');
  });

  it('lets what names no possible request only narrow', () => {
    const mime = { system: 'urn:ietf:bcp:13', code: 'application/hl7-cda+xml' };
    const narrowed = compile(
      consent({
        type: 'permit',
        actor: [participant('AUT', 'Practitioner/x')],
        class: [mime, medicationRequests],
      }),
    );
    assert.deepEqual(narrowed?.provision?.classes, ['MedicationRequest']);
    assert.equal(narrowed.provision.actors?.[0]?.role?.code, 'AUT');
    assert.deepEqual(compile(consent({ type: 'permit', class: [mime] }))?.provision?.classes, []);

    const exceptions = [{ type: 'deny' as const }];
    refused(consent({ type: 'deny', class: [mime] }), 'Consent.provision.class[0]');
    refused(
      consent({ type: 'permit', class: [mime], provision: exceptions }),
      'Consent.provision.class[0]',
    );
    refused(
      consent({
        type: 'permit',
        actor: [participant('AUT', 'Practitioner/x')],
        provision: exceptions,
      }),
      'Consent.provision.actor[0].role',
    );
    const denied = compile(
      consent({ type: 'deny', actor: [participant('AUT', 'Practitioner/x')] }),
    );
    assert.deepEqual(denied?.provision?.actors, [{ reference: 'Practitioner/x' }]);
  });

  it('takes a nested rule that does not say its type as a deny', () => {
    const compiled = compile(
      consent({ type: 'permit', provision: [{ class: [medicationRequests] }] }),
    );
    assert.equal(compiled?.provision?.exceptions[0]?.type, 'deny');
  });

  const actor = (reference: object) => [
    { role: concept('v3-ParticipationType', 'IRCP'), reference },
  ];
  const nested = (levels: number): ConsentProvision =>
    levels === 1 ? { type: 'deny' } : { type: 'deny', provision: [nested(levels - 1)] };
  const P = 'Consent.provision';
  const cases: readonly (readonly [string, ConsentProvision, string])[] = [
    [
      'an actor with a logical reference',
      { actor: actor({ identifier: { value: '1' } }) },
      `${P}.actor[0].reference`,
    ],
    ['an actor with a display only', { actor: actor({ display: 'x' }) }, `${P}.actor[0].reference`],
    [
      'an actor elsewhere',
      { actor: actor({ reference: 'http://x/Organization/1' }) },
      `${P}.actor[0].reference`,
    ],
    ['a contained actor', { actor: actor({ reference: '#1' }) }, `${P}.actor[0].reference`],
    ['a care team', { actor: actor({ reference: 'CareTeam/1' }) }, `${P}.actor[0].reference`],
    ['a group', { actor: actor({ reference: 'Group/1' }) }, `${P}.actor[0].reference`],
    [
      'a modified actor',
      { actor: [{ ...participant('IRCP', 'Patient/x'), modifierExtension: [{ url: 'urn:x' }] }] },
      `${P}.actor[0].modifierExtension`,
    ],
    [
      'an unknown resource type',
      { class: [{ ...medicationRequests, code: 'Medicament' }] },
      `${P}.class[0]`,
    ],
    ['a class without system', { class: [{ code: 'Observation' }] }, `${P}.class[0]`],
    [
      'an action of another system',
      { action: [{ coding: [{ system: 'urn:x', code: 'access' }] }] },
      `${P}.action[0]`,
    ],
    ['an action in words', { action: [{ text: 'read' }] }, `${P}.action[0]`],
    [
      'a purpose of another system',
      { purpose: [{ system: 'urn:x', code: 'TREAT' }] },
      `${P}.purpose[0]`,
    ],
    ['a label without system', { securityLabel: [{ code: 'R' }] }, `${P}.securityLabel[0]`],
    ['a code in words', { code: [{ text: 'HIV' }] }, `${P}.code[0]`],
    ['a code without system', { code: [{ coding: [{ code: '1' }] }] }, `${P}.code[0].coding[0]`],
    [
      'data elsewhere',
      { data: [{ meaning: 'instance', reference: { reference: 'urn:uuid:1' } }] },
      `${P}.data[0].reference`,
    ],
    ['a date that is none', { period: { start: '2026-02-30' } }, `${P}.period.start`],
    ['a date not said', { period: { _end: { extension: [] } } }, `${P}.period.end`],
    [
      'a period that ends before it starts',
      { dataPeriod: { start: '2026', end: '2025' } },
      `${P}.dataPeriod`,
    ],
    ['nine levels', { provision: [nested(8)] }, `${P}${'.provision[0]'.repeat(8)}`],
  ];
  for (const [what, provision, expression] of cases) {
    it(`refuses ${what}, in a permit as in a deny`, () => {
      for (const type of ['permit', 'deny'] as const)
        refused(consent({ type, ...provision }), expression);
    });
  }

  it('takes eight levels', () => {
    assert.ok(compile(consent({ type: 'permit', provision: [nested(7)] })));
  });

  it('refuses what would change the meaning of the whole', () => {
    refused(consent({}, { modifierExtension: [{ url: 'urn:x' }] }), 'Consent.modifierExtension');
    refused(consent({}, { implicitRules: 'urn:x' }), 'Consent.implicitRules');
    refused(
      consent({}, { verification: [{ verified: false }] }),
      'Consent.verification[0].verified',
    );
    assert.ok(compile(consent({}, { verification: [{ verified: true }] })));
  });

  it('refuses more than the ledger takes', () => {
    const code = Array.from({ length: 1025 }, (_, i) => ({
      coding: [{ system: 'urn:x', code: String(i) }],
    }));
    refused(consent({ type: 'deny', code }), 'Consent.provision');
    assert.ok(compile(consent({ type: 'deny', code: code.slice(1) })));
  });
});

describe('consentPatient', () => {
  it('is the id of a Patient of this server', () => {
    assert.equal(consentPatient(consent()), 'demo-a');
    assert.equal(
      consentPatient(consent({}, { patient: { reference: `${BASE}/Patient/x` } }), BASE),
      'x',
    );
  });

  it('is not known of one that governs nothing and refers to nobody here', () => {
    for (const more of [
      { status: 'draft' },
      { status: 'inactive' },
      { scope: concept('consentscope', 'adr') },
    ]) {
      const foreign = { ...more, patient: { reference: 'http://x/Patient/1' } };
      assert.equal(consentPatient(consent({}, foreign as never), BASE), undefined);
      assert.equal(consentPatient(consent({}, more as never)), 'demo-a');
    }
  });

  it('refuses anything else', () => {
    for (const patient of [
      {},
      { reference: 'Group/1' },
      { reference: 'http://x/Patient/1' },
      { reference: '#p' },
      { display: 'x' },
    ]) {
      assert.throws(
        () => consentPatient(consent({}, { patient }), BASE),
        /Consent\.patient must refer/,
      );
    }
  });
});
