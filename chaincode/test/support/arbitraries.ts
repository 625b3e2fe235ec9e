import fc from 'fast-check';
import type { AccessRequest, Actor } from '../../src/decide/access-request.ts';
import type { Code, CompiledConsent, Provision } from '../../src/consent/consent-set.ts';
import type { OverarchingPolicy } from '../../src/consent/overarching-policy.ts';
import type { ResourceFacts } from '../../src/decide/evaluate-residual.ts';
import {
  ACT_CODE,
  actor,
  CONFIDENTIALITY,
  DOCTOR,
  OTHER_DOCTOR,
  PATIENT,
  PHARMACIST,
  SYSTEM,
} from './requests.ts';

/** Small domains, so that rules and requests often meet. */
const ACTORS: readonly Actor[] = [
  DOCTOR,
  OTHER_DOCTOR,
  SYSTEM,
  PHARMACIST,
  PATIENT,
  actor('auditor', 'AuditorMSP'),
];
const REFERENCES = [
  'Organization/hospital',
  'Organization/pharmacy',
  'Practitioner/doctor',
  'Patient/demo-a',
];
const CLASSES = ['MedicationRequest', 'Observation'];
const PURPOSES = ['TREAT', 'ETREAT', 'HPAYMT', 'HRESCH', 'PurposeOfUse'];
const ACTIONS = ['access', 'correct'] as const;
const LABELS: readonly Code[] = [
  ...['N', 'R', 'V'].map((code) => ({ system: CONFIDENTIALITY, code })),
  ...['PSY', 'ETH', 'ETHUD'].map((code) => ({ system: ACT_CODE, code })),
];
const CODES: readonly Code[] = ['1', '2'].map((code) => ({ system: 'http://loinc.org', code }));
export const DAYS = ['2026-01-01', '2026-06-01', '2026-11-21', '2026-12-31'].map(
  (day) => `${day}T00:00:00.000Z`,
);

const some = <T>(values: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const interval = fc.record(
  { start: fc.constantFrom(...DAYS), end: fc.constantFrom(...DAYS) },
  { requiredKeys: [] },
);
const data = fc.record({
  meaning: fc.constantFrom('instance' as const, 'related' as const, 'authoredby' as const),
  reference: fc.constantFrom('MedicationRequest/1', 'Encounter/1', 'Practitioner/doctor'),
});

const criteria = {
  period: interval,
  actors: some(REFERENCES).map((references) => references.map((reference) => ({ reference }))),
  actions: some(ACTIONS),
  purposes: some(PURPOSES),
  classes: some(CLASSES),
  labels: some(LABELS),
  codes: some(CODES),
  dataPeriod: interval,
  data: fc.array(data, { minLength: 1, maxLength: 2 }),
};

function provisionArb(depth: number): fc.Arbitrary<Provision> {
  const exceptions =
    depth === 0
      ? fc.constant([])
      : fc.array(provisionArb(depth - 1), { maxLength: depth === 3 ? 3 : 2 });
  return fc.record(
    { type: fc.constantFrom('permit' as const, 'deny' as const), ...sparse(), exceptions },
    { requiredKeys: ['exceptions'] },
  );
}

/** Most criteria absent most of the time: otherwise nothing ever matches. */
function sparse() {
  return Object.fromEntries(
    Object.entries(criteria).map(([name, value]) => [
      name,
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: value as fc.Arbitrary<unknown> },
      ),
    ]),
  );
}

/** JSON has no undefined members. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const provision = provisionArb(3).map(plain);
export const childless = provisionArb(0).map(plain);

export const compiledConsents: fc.Arbitrary<readonly CompiledConsent[]> = fc
  .array(
    fc.record(
      {
        status: fc.constantFrom(
          'active' as const,
          'active' as const,
          'active' as const,
          'inactive' as const,
        ),
        policyRule: fc.constantFrom('permit' as const, 'deny' as const),
        dateTime: fc.constantFrom(...DAYS),
        provision,
      },
      { requiredKeys: ['status'] },
    ),
    { maxLength: 3 },
  )
  .map((consents) =>
    consents.map((consent, i) => ({ ...consent, id: `Consent/${i}`, version: i + 1 })),
  );

export const request: fc.Arbitrary<AccessRequest> = fc.record({
  actor: fc.constantFrom(...ACTORS),
  self: fc.constant(false),
  purposes: some(PURPOSES),
  action: fc.constantFrom(...ACTIONS),
  class: fc.constantFrom(...CLASSES),
});

export const resourceFacts: fc.Arbitrary<ResourceFacts> = fc
  .record(
    {
      labels: fc.uniqueArray(fc.constantFrom(...LABELS), { maxLength: 3 }),
      codes: fc.uniqueArray(fc.constantFrom(...CODES), { maxLength: 2 }),
      date: interval,
      timeless: fc.boolean(),
      reference: fc.constantFrom('MedicationRequest/1', 'MedicationRequest/2'),
      references: fc.constantFrom([], ['Encounter/1'], ['Practitioner/doctor']),
      authors: fc.constantFrom([], ['Practitioner/doctor']),
    },
    { requiredKeys: ['labels', 'codes', 'reference', 'references', 'authors'] },
  )
  .map(plain);

export const policy: fc.Arbitrary<OverarchingPolicy | undefined> = fc.constantFrom(
  undefined,
  ...(['basic-normal', 'all-normal', 'break-glass-only', 'deny'] as const).map((implicit) => ({
    version: 1,
    implicit,
    organization: 'Organization/hospital',
  })),
);
