import {
  consent,
  medicationRequest,
  observation,
  type DemoResource,
  type Measurement,
} from './resource-builders.ts';

const organization = (id: string, name: string, type: readonly [string, string]): DemoResource => ({
  resourceType: 'Organization',
  id,
  identifier: [{ system: 'https://chartseal.example.org/organisations', value: id }],
  active: true,
  type: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/organization-type',
          code: type[0],
          display: type[1],
        },
      ],
    },
  ],
  name,
});

const practitioner = (id: string, family: string, given: string): DemoResource => ({
  resourceType: 'Practitioner',
  id,
  identifier: [{ system: 'https://chartseal.example.org/staff', value: id }],
  active: true,
  name: [{ use: 'official', family, given: [given], prefix: ['Dr.'] }],
});

const patient = (
  id: string,
  person: { family: string; given: string; gender: string; birthDate: string; record: string },
): DemoResource => ({
  resourceType: 'Patient',
  id,
  identifier: [
    {
      use: 'usual',
      type: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/v2-0203',
            code: 'MR',
            display: 'Medical record number',
          },
        ],
      },
      system: 'https://hospital.example.org/records',
      value: person.record,
    },
  ],
  active: true,
  name: [{ use: 'official', family: person.family, given: [person.given] }],
  gender: person.gender,
  birthDate: person.birthDate,
  generalPractitioner: [{ reference: 'Practitioner/doctor' }],
  managingOrganization: { reference: 'Organization/hospital' },
});

const heartRate = ['8867-4', 'Heart rate'] as const;
const weight = ['29463-7', 'Body weight'] as const;
const temperature = ['8310-5', 'Body temperature'] as const;
const glucose = ['2339-0', 'Glucose [Mass/volume] in Blood'] as const;
const haemoglobinA1c = ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'] as const;

type Row = readonly [
  id: string,
  category: Measurement['category'],
  code: readonly [string, string],
  at: string,
  value: number,
  unit: string,
];

const ofDemoA: readonly Row[] = [
  ['demo-a-heart-rate-1', 'vital-signs', heartRate, '2025-01-10T08:00:00Z', 78, '/min'],
  ['demo-a-heart-rate-2', 'vital-signs', heartRate, '2025-02-14T08:15:00Z', 74, '/min'],
  ['demo-a-heart-rate-3', 'vital-signs', heartRate, '2025-03-20T07:50:00Z', 71, '/min'],
  ['demo-a-weight-1', 'vital-signs', weight, '2025-01-10T08:05:00Z', 82.5, 'kg'],
  ['demo-a-weight-2', 'vital-signs', weight, '2025-03-20T07:55:00Z', 80.1, 'kg'],
  ['demo-a-temperature-1', 'vital-signs', temperature, '2025-02-14T08:20:00Z', 36.8, 'Cel'],
  ['demo-a-glucose-1', 'laboratory', glucose, '2025-01-11T07:00:00Z', 142, 'mg/dL'],
  ['demo-a-glucose-2', 'laboratory', glucose, '2025-03-21T07:10:00Z', 118, 'mg/dL'],
  ['demo-a-hba1c-1', 'laboratory', haemoglobinA1c, '2025-01-11T07:00:00Z', 7.4, '%'],
];

const ofDemoB: readonly Row[] = [
  ['demo-b-heart-rate-1', 'vital-signs', heartRate, '2025-02-03T10:00:00Z', 66, '/min'],
  ['demo-b-heart-rate-2', 'vital-signs', heartRate, '2025-04-08T10:30:00Z', 69, '/min'],
  ['demo-b-weight-1', 'vital-signs', weight, '2025-02-03T10:05:00Z', 64.3, 'kg'],
  ['demo-b-glucose-1', 'laboratory', glucose, '2025-02-04T07:30:00Z', 92, 'mg/dL'],
];

const measured = (subject: string, rows: readonly Row[]): readonly DemoResource[] =>
  rows.map(([id, category, code, at, value, unit]) =>
    observation({
      id,
      patient: subject,
      category,
      code,
      at,
      value,
      unit,
      performer: category === 'laboratory' ? 'Organization/lab' : 'Practitioner/doctor',
    }),
  );

const metformin = [
  '860975',
  '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet',
] as const;
const lisinopril = ['314076', 'lisinopril 10 MG Oral Tablet'] as const;
const atorvastatin = ['617318', 'atorvastatin 20 MG Oral Tablet'] as const;

/**
 * Holds what the demonstration begins with, in steps: what a step names was written by an earlier one.
 * Every resource has a fixed id and is kept by the hospital's server.
 */
export const demoData: readonly (readonly DemoResource[])[] = [
  [
    organization('hospital', 'Riverside General Hospital', ['prov', 'Healthcare Provider']),
    organization('pharmacy', 'Bridge Street Pharmacy', ['prov', 'Healthcare Provider']),
    organization('insurer', 'Commonweal Health Insurance', ['ins', 'Insurance Company']),
    organization('auditor', 'Office of Health Records Audit', ['govt', 'Government']),
    organization('lab', 'Northgate Clinical Laboratory', ['prov', 'Healthcare Provider']),
    organization('research', 'Institute for Population Health', ['edu', 'Educational Institute']),
    practitioner('doctor', 'Okafor', 'Adaeze'),
    practitioner('other-doctor', 'Lindqvist', 'Henrik'),
  ],
  [
    patient('demo-a', {
      family: 'Almeida',
      given: 'Beatriz',
      gender: 'female',
      birthDate: '1968-04-12',
      record: 'RGH-100001',
    }),
    patient('demo-b', {
      family: 'Brandt',
      given: 'Jonas',
      gender: 'male',
      birthDate: '1981-11-30',
      record: 'RGH-100002',
    }),
  ],
  [
    consent({
      id: 'demo-a-pharmacy',
      patient: 'Patient/demo-a',
      effect: 'permit',
      actor: 'Organization/pharmacy',
      class: 'MedicationRequest',
      purpose: 'TREAT',
    }),
    consent({
      id: 'demo-a-other-doctor',
      patient: 'Patient/demo-a',
      effect: 'deny',
      actor: 'Practitioner/other-doctor',
    }),
  ],
  [
    ...measured('Patient/demo-a', ofDemoA),
    ...measured('Patient/demo-b', ofDemoB),
    medicationRequest({
      id: 'demo-a-metformin',
      patient: 'Patient/demo-a',
      medication: metformin,
      status: 'active',
      authoredOn: '2025-01-12',
      timesPerDay: 2,
      days: 90,
    }),
    medicationRequest({
      id: 'demo-a-lisinopril',
      patient: 'Patient/demo-a',
      medication: lisinopril,
      status: 'active',
      authoredOn: '2025-02-14',
      timesPerDay: 1,
      days: 90,
    }),
    medicationRequest({
      id: 'demo-a-atorvastatin',
      patient: 'Patient/demo-a',
      medication: atorvastatin,
      status: 'stopped',
      authoredOn: '2024-06-03',
      timesPerDay: 1,
      days: 30,
    }),
    medicationRequest({
      id: 'demo-b-lisinopril',
      patient: 'Patient/demo-b',
      medication: lisinopril,
      status: 'active',
      authoredOn: '2025-02-05',
      timesPerDay: 1,
      days: 90,
    }),
  ],
];
