import type { Json } from '../oracle/official.ts';
import type { Random } from '../random.ts';

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

/** What belongs to nobody: practices and practitioners that patients' data refer to. */
export const commonSamples: readonly Sample[] = [
  { resourceType: 'Organization', id: 'root', name: 'Root' },
  { resourceType: 'Organization', id: 'north', name: 'North', partOf: to('Organization/root') },
  { resourceType: 'Organization', id: 'south', name: 'South', partOf: to('Organization/root') },
  { resourceType: 'Practitioner', id: 'doctor', name: [{ family: 'Ahorn' }] },
  { resourceType: 'Practitioner', id: 'nurse', name: [{ family: 'Berg' }] },
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
  switch (
    random.pick(['Observation', 'Observation', 'Condition', 'MedicationRequest', 'Encounter'])
  ) {
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

/** Too confidential for everybody's eyes. */
export function restricted(sample: Sample): Sample {
  return { ...sample, meta: { security: [{ system: CONFIDENTIALITY, code: 'R' }] } };
}
