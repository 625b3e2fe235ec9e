import { madeQueries } from '../search/made-queries.ts';
import type { Json } from '../../oracle/official.ts';
import type { Random } from '../search/random.ts';

/** Few words each, so that what is hidden and what is seen are alike in everything but whose it is. */
const FAMILIES = ['Ahorn', 'Ahorner', 'Berg', 'Birke', 'Álvarez'];
const CODES = ['8867-4', '8302-2', '29463-7', '4548-4'];
const UNITS = ['mg', 'g', 'mmol/L'];
const DATES = ['2019', '2019-05', '2020-02-29', '2020-03-01T08:00:00Z', '2021-12-31T23:59:59.999Z'];
export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const LOINC = 'http://loinc.org';

export interface Sample extends Json {
  readonly resourceType: string;
  readonly id: string;
}

/** Practices and practitioners that patients' data refer to, named queries, and a list of what is seen and what is not. */
export const commonSamples: readonly Sample[] = [
  ...(madeQueries() as readonly Sample[]),
  { resourceType: 'Organization', id: 'root', name: 'Root' },
  { resourceType: 'Organization', id: 'north', name: 'North', partOf: to('Organization/root') },
  { resourceType: 'Organization', id: 'south', name: 'South', partOf: to('Organization/root') },
  { resourceType: 'Practitioner', id: 'doctor', name: [{ family: 'Ahorn' }] },
  { resourceType: 'Practitioner', id: 'nurse', name: [{ family: 'Berg' }] },
  {
    resourceType: 'List',
    id: 'mixed',
    status: 'current',
    mode: 'working',
    // Without a subject it would be of all whose data it lists.
    subject: to('Patient/seen-1'),
    // Of those that are seen and of those that come and go.
    entry: ['seen-1-1', 'seen-2-2', 'a-1', 'a-2', 'm-3', 'm-4', 'z-5', 'z-6', 'seen-1-1-7'].map(
      (id) => ({ item: to(`Observation/${id}`) }),
    ),
  },
];

function to(reference: string): Json {
  return { reference };
}

export function patientSample(random: Random, id: string): Sample {
  return {
    resourceType: 'Patient',
    id,
    active: random.chance(0.5),
    gender: random.pick(['male', 'female']),
    name: [{ family: random.pick(FAMILIES), given: [random.pick(FAMILIES)] }],
    birthDate: random.pick(['1970-01-01', '1985-07-15', '2001-12']),
    managingOrganization: to(random.pick(['Organization/north', 'Organization/south'])),
    generalPractitioner: [to(random.pick(['Practitioner/doctor', 'Practitioner/nurse']))],
  };
}

const RECORDS = [
  ...['Observation', 'Observation', 'Condition', 'MedicationRequest', 'Encounter'],
  'DocumentReference',
];

/** An author who is kept inside of what he wrote. */
function writtenInside(random: Random): Json {
  const family = random.pick(FAMILIES);
  return {
    contained: [{ resourceType: 'Practitioner', id: 'inside', name: [{ family }] }],
    author: [to('#inside')],
  };
}

/** What a document refers to; who may see it is decided by the document. */
export function contentOf({ id }: Sample): Sample {
  return {
    resourceType: 'Binary',
    id,
    contentType: 'text/plain',
    data: 'eA==',
    securityContext: to(`DocumentReference/${id}`),
  };
}

/** Something of a patient's record; it may refer to what else is in that record. */
export function recordSample(
  random: Random,
  {
    id,
    of,
    others,
  }: { readonly id: string; readonly of: string; readonly others: readonly Sample[] },
): Sample {
  const subject = to(`Patient/${of}`);
  const concept = {
    coding: [{ system: LOINC, code: random.pick(CODES) }],
    text: random.pick(FAMILIES),
  };
  const when = random.pick(DATES);
  const other = (type: string): Json[] =>
    others
      .filter(({ resourceType }) => resourceType === type)
      .map((one) => to(`${type}/${one.id}`));
  switch (random.pick(RECORDS)) {
    case 'DocumentReference':
      return {
        resourceType: 'DocumentReference',
        id,
        status: 'current',
        type: concept,
        subject,
        date: '2020-03-01T08:00:00Z',
        author: [to(random.pick(['Practitioner/doctor', 'Practitioner/nurse']))],
        content: [{ attachment: { url: `Binary/${id}` } }],
        ...(random.chance(0.5) ? writtenInside(random) : {}),
      };
    case 'Observation':
      return {
        resourceType: 'Observation',
        id,
        status: random.pick(['final', 'amended']),
        code: concept,
        subject,
        effectiveDateTime: when,
        valueQuantity: {
          value: random.pick([1, 2.5, 5.4, 100]),
          system: 'http://unitsofmeasure.org',
          code: random.pick(UNITS),
        },
        ...optional(random, 'hasMember', other('Observation').slice(0, 2)),
        performer: [to(random.pick(['Practitioner/doctor', 'Practitioner/nurse']))],
      };
    case 'Condition':
      return {
        resourceType: 'Condition',
        id,
        code: concept,
        subject,
        recordedDate: when,
        ...optional(random, 'encounter', other('Encounter')[0]),
      };
    case 'MedicationRequest':
      return {
        resourceType: 'MedicationRequest',
        id,
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: concept,
        subject,
        authoredOn: when,
        requester: to('Practitioner/doctor'),
        ...optional(random, 'reasonReference', other('Condition').slice(0, 1)),
      };
    default:
      return {
        resourceType: 'Encounter',
        id,
        status: 'finished',
        class: {
          system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
          code: random.pick(['AMB', 'IMP']),
        },
        subject,
        period: { start: '2019-01-01', end: '2020-06-30' },
        serviceProvider: to(random.pick(['Organization/north', 'Organization/south'])),
      };
  }
}

function optional(random: Random, name: string, value: unknown): Json {
  const empty = value === undefined || (Array.isArray(value) && value.length === 0);
  return empty || random.chance(0.3) ? {} : { [name]: value };
}

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const SECRET = { system: LOINC, code: '75622-1' };

/** What keeps something of a record from everybody: by patient, since it is consents that say so. */
export type Reason = 'restricted' | 'code' | 'sensitivity' | 'period';

/** What a permit for a patient's record leaves out; what is restricted the policy does. */
export const exceptions: Readonly<Record<Reason, readonly object[]>> = {
  restricted: [],
  code: [{ type: 'deny', code: [{ coding: [SECRET] }] }],
  sensitivity: [{ type: 'deny', securityLabel: [{ system: ACT, code: 'PSY' }] }],
  period: [{ type: 'deny', dataPeriod: { end: '1999-12-31' } }],
};

/** The same, for nobody's eyes: in one of the ways that its reason has. */
export function concealed(random: Random, sample: Sample, reason: Reason): Sample {
  const labelled = (security: object): Sample => ({ ...sample, meta: { security: [security] } });
  switch (reason) {
    case 'restricted':
      return labelled(
        random.pick<object>([
          { system: CONFIDENTIALITY, code: 'R' },
          { system: CONFIDENTIALITY, code: 'V' },
          { code: 'R' },
        ]),
      );
    case 'sensitivity':
      return labelled(random.pick<object>([{ system: ACT, code: 'PSY' }, { code: 'PSY' }]));
    case 'code':
      return {
        ...sample,
        extension: [{ url: 'http://example.org/about', valueCoding: SECRET }],
      };
    case 'period':
      return sample.resourceType === 'Observation'
        ? { ...sample, effectiveDateTime: random.pick(['1995', '1999-12-31T23:59:59Z']) }
        : concealed(random, sample, 'restricted');
  }
}
