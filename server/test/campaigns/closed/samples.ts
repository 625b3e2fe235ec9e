/** Everything that a sample says: its canary stands in every text of it. */
export interface Said {
  readonly id: string;
  readonly canary: string;
  /** Under `subject`, `patient` or `for`; undefined: there is none. */
  readonly subject: object | undefined;
  readonly contained: readonly object[];
  readonly code: string;
  readonly day: string;
  readonly category: string;
  readonly security: readonly object[];
  /** `Type/id` that stands for a Binary. */
  readonly context: string;
}

export const LOINC = 'http://loinc.org';
export const IDENTIFIERS = 'urn:example:b';

interface Sample {
  readonly [member: string]: unknown;
}
type Make = (said: Said, coded: object) => Sample;

const of = ({ subject }: Said): Sample => (subject === undefined ? {} : { subject });
const patientOf = ({ subject }: Said): Sample =>
  subject === undefined ? {} : { patient: subject };
const status = (system: string, code: string): object => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const note = ({ canary }: Said): Sample => ({ note: [{ text: canary }] });

const MADE: Readonly<Record<string, Make>> = {
  Observation: (said, code) => ({
    ...of(said),
    ...note(said),
    status: 'final',
    category: [{ coding: [{ code: said.category }], text: said.canary }],
    code,
    effectiveDateTime: said.day,
    performer: [{ display: said.canary }],
    valueString: said.canary,
  }),
  Condition: (said, code) => ({
    ...of(said),
    ...note(said),
    clinicalStatus: status('condition-clinical', 'active'),
    code,
    onsetDateTime: said.day,
    recordedDate: said.day,
  }),
  Encounter: (said, code) => ({
    ...of(said),
    status: 'finished',
    class: { code: 'AMB', display: said.canary },
    type: [code],
    reasonCode: [{ text: said.canary }],
    period: { start: said.day, end: said.day },
  }),
  MedicationRequest: (said, code) => ({
    ...of(said),
    ...note(said),
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: code,
    authoredOn: said.day,
  }),
  Procedure: (said, code) => ({
    ...of(said),
    ...note(said),
    status: 'completed',
    code,
    performedDateTime: said.day,
  }),
  DiagnosticReport: (said, code) => ({
    ...of(said),
    status: 'final',
    code,
    effectiveDateTime: said.day,
    conclusion: said.canary,
  }),
  AllergyIntolerance: (said, code) => ({
    ...patientOf(said),
    ...note(said),
    clinicalStatus: status('allergyintolerance-clinical', 'active'),
    verificationStatus: status('allergyintolerance-verification', 'confirmed'),
    code,
    onsetDateTime: said.day,
    recordedDate: said.day,
  }),
  Immunization: (said, code) => ({
    ...patientOf(said),
    ...note(said),
    status: 'completed',
    vaccineCode: code,
    occurrenceDateTime: said.day,
    lotNumber: said.canary,
  }),
  CarePlan: (said, code) => ({
    ...of(said),
    ...note(said),
    status: 'active',
    intent: 'plan',
    category: [code],
    title: said.canary,
    period: { start: said.day, end: said.day },
  }),
  Composition: (said, code) => ({
    ...of(said),
    status: 'final',
    type: code,
    date: said.day,
    author: [{ display: said.canary }],
    title: said.canary,
  }),
  DocumentReference: (said, code) => ({
    ...of(said),
    status: 'current',
    type: code,
    date: `${said.day}T00:00:00Z`,
    description: said.canary,
    content: [{ attachment: { title: said.canary, contentType: 'text/plain' } }],
  }),
  Communication: (said, code) => ({
    ...of(said),
    ...note(said),
    status: 'completed',
    category: [code],
    sent: said.day,
    payload: [{ contentString: said.canary }],
  }),
  QuestionnaireResponse: (said, code) => ({
    ...of(said),
    status: 'completed',
    authored: said.day,
    item: [
      { linkId: '1', text: said.canary, answer: [{ valueString: said.canary }] },
      {
        linkId: '2',
        answer: (code as { coding: object[] }).coding.map((each) => ({ valueCoding: each })),
      },
    ],
  }),
  Task: (said, code) => ({
    ...(said.subject === undefined ? {} : { for: said.subject }),
    ...note(said),
    status: 'requested',
    intent: 'order',
    code,
    authoredOn: said.day,
    executionPeriod: { start: said.day, end: said.day },
    description: said.canary,
  }),
  Binary: ({ canary, context }) => ({
    contentType: 'text/plain',
    data: Buffer.from(canary).toString('base64'),
    securityContext: { reference: context },
  }),
};

/** Types of what is kept of each patient. */
export const TYPES: readonly string[] = Object.keys(MADE);

/** A resource of this type that says this. */
export function sample(type: string, said: Said): Sample & { readonly id: string } {
  const { id, canary, code, security, contained } = said;
  const meta = {
    tag: [{ system: 'urn:t', code: 'made', display: canary }],
    ...(security.length > 0 && { security }),
  };
  const about = { resourceType: type, id, meta };
  const coded = { coding: [{ system: LOINC, code, display: canary }], text: canary };
  const made = MADE[type]?.(said, coded) ?? {};
  if (type === 'Binary') return { ...about, ...made };
  const value = { system: IDENTIFIERS, value: id };
  return {
    ...about,
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${canary}</div>` },
    ...(contained.length > 0 && { contained }),
    extension: [{ url: 'http://example.org/remark', valueString: canary }],
    identifier: ['Composition', 'QuestionnaireResponse'].includes(type) ? value : [value],
    ...made,
  };
}

/** A patient who is called by the canary. */
export function patientSample(id: string, canary: string): Sample & { readonly id: string } {
  return {
    resourceType: 'Patient',
    id,
    meta: { tag: [{ system: 'urn:t', code: 'made', display: canary }] },
    identifier: [{ system: IDENTIFIERS, value: id }],
    extension: [{ url: 'http://example.org/remark', valueString: canary }],
    name: [{ family: canary, given: [canary], text: canary }],
    address: [{ line: [canary], city: canary }],
    birthDate: '1970-01-01',
  };
}
