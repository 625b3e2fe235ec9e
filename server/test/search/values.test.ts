import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { findIn } from '../support/in-memory-search.ts';
import { BASE } from '../support/r4.ts';
import type { Json } from '../support/r4.ts';

const UCUM = 'http://unitsofmeasure.org';
const LOINC = 'http://loinc.org';

/** Each row: what is searched for, and who is found among the resources of the group. */
type Rows = readonly (readonly [query: string, ids: readonly string[]])[];

function group(what: string, resources: readonly Json[], rows: Rows): void {
  describe(what, () => {
    for (const [query, ids] of rows)
      it(query, () => assert.deepEqual(findIn(resources, query).sort(), [...ids].sort()));
  });
}

const mass = (id: string, valueQuantity: Json): Json => ({
  resourceType: 'Observation',
  id,
  valueQuantity,
});
const ucum = (value: number, code: string, more: Json = {}): Json => ({
  value,
  system: UCUM,
  code,
  ...more,
});

group(
  'quantities',
  [
    mass('mg', ucum(5.4, 'mg', { unit: 'milligram' })),
    mass('g', ucum(0.0054, 'g')),
    mass('kg', ucum(54, 'kg')),
    mass('less', ucum(5, 'mg', { comparator: '<' })),
    mass('at-least', ucum(6, 'mg', { comparator: '>=' })),
    mass('words', { value: 5.4, unit: 'mg' }),
    mass('other', { value: 5.4, system: 'http://other', code: 'mg' }),
    mass('unknown', ucum(5.4, 'mgs')),
    mass('litre', ucum(5.4, 'mL')),
  ],
  [
    ['Observation?value-quantity=5.4', ['mg', 'words', 'other', 'unknown', 'litre']],
    [`Observation?value-quantity=5.4|${UCUM}|mg`, ['mg', 'g']],
    [`Observation?value-quantity=0.0054|${UCUM}|g`, ['mg', 'g']],
    [`Observation?value-quantity=5400|${UCUM}|ug`, ['mg', 'g']],
    [`Observation?value-quantity=gt5.4|${UCUM}|mg`, ['kg', 'at-least']],
    [`Observation?value-quantity=ge5.4|${UCUM}|mg`, ['mg', 'g', 'kg', 'at-least']],
    [`Observation?value-quantity=lt0.0054|${UCUM}|g`, ['less']],
    [`Observation?value-quantity=sa6|${UCUM}|mg`, ['kg']],
    [`Observation?value-quantity=eb5|${UCUM}|mg`, ['less']],
    [`Observation?value-quantity=ap5|${UCUM}|mg`, ['mg', 'g', 'less']],
    [`Observation?value-quantity=ne5.4|${UCUM}|mg`, ['kg', 'less', 'at-least']],
    [`Observation?value-quantity=5.4|${UCUM}|`, ['mg', 'unknown', 'litre']],
    [`Observation?value-quantity=5.40e-3|${UCUM}|g`, ['mg', 'g']],
    [`Observation?value-quantity=5.401e-3|${UCUM}|g`, []],
    [`Observation?value-quantity=5.39e-3|${UCUM}|g`, []],
    ['Observation?value-quantity=5.4||mg', ['mg', 'words', 'other']],
    ['Observation?value-quantity=5.4||milligram', ['mg']],
    ['Observation?value-quantity=5.4|http://other|mg', ['other']],
    [`Observation?value-quantity=5.4|${UCUM}|mgs`, ['unknown']],
    [`Observation?value-quantity=5.4|${UCUM}|cm3`, ['litre']],
    [`Observation?value-quantity=5.4|${UCUM}|mg,5.4|${UCUM}|mL`, ['mg', 'g', 'litre']],
  ],
);

group(
  'units of every sort',
  [
    mass('fever', ucum(38.5, 'Cel')),
    mass('american', ucum(101.3, '[degF]')),
    mass('rate', ucum(72, '{beats}/min')),
    mass('plain', ucum(72, '/min')),
    mass('mole', ucum(5.5, 'mmol/L')),
    mass('one', ucum(1, '1')),
    mass('percent', ucum(50, '%')),
    mass('insulin', ucum(10, '[iU]')),
    mass('acid', ucum(7.4, '[pH]')),
    mass('loud', ucum(60, 'dB')),
    { resourceType: 'Condition', id: 'young', onsetAge: ucum(18, 'mo') },
    {
      resourceType: 'Condition',
      id: 'range',
      onsetRange: { low: ucum(1, 'a'), high: ucum(30, 'mo') },
    },
    { resourceType: 'Condition', id: 'open', onsetRange: { low: ucum(40, 'a') } },
    { resourceType: 'Invoice', id: 'bill', totalGross: { value: 48.5, currency: 'EUR' } },
  ],
  [
    [`Observation?value-quantity=311.65|${UCUM}|K`, ['fever', 'american']],
    [`Observation?value-quantity=gt38|${UCUM}|Cel`, ['fever', 'american']],
    [`Observation?value-quantity=72|${UCUM}|/min`, ['rate', 'plain']],
    [`Observation?value-quantity=1.2|${UCUM}|Hz`, ['rate', 'plain']],
    [`Observation?value-quantity=0.0055|${UCUM}|mol/L`, ['mole']],
    [`Observation?value-quantity=0.5|${UCUM}|1`, ['percent']],
    [`Observation?value-quantity=le1|${UCUM}|1`, ['one', 'percent']],
    [`Observation?value-quantity=10|${UCUM}|[iU]`, ['insulin']],
    [`Observation?value-quantity=0.01|${UCUM}|k[iU]`, []],
    [`Observation?value-quantity=7.4|${UCUM}|[pH]`, ['acid']],
    [`Observation?value-quantity=60|${UCUM}|dB`, ['loud']],
    [`Condition?onset-age=le2|${UCUM}|a`, ['young', 'range']],
    [`Condition?onset-age=sa30|${UCUM}|mo`, ['open']],
    ['Invoice?totalgross=48.5|urn:iso:std:iso:4217|EUR', ['bill']],
    ['Invoice?totalgross=48.5|urn:iso:std:iso:4217|USD', []],
    ['Invoice?totalgross=gt40', ['bill']],
  ],
);

const component = (code: string, value: Json): Json => ({
  code: { coding: [{ system: LOINC, code }] },
  ...value,
});
const pressure = (id: string, systolic: number, diastolic: number, unit = 'mm[Hg]'): Json => ({
  resourceType: 'Observation',
  id,
  code: { coding: [{ system: LOINC, code: '85354-9' }] },
  component: [
    component('8480-6', { valueQuantity: ucum(systolic, unit) }),
    component('8462-4', { valueQuantity: ucum(diastolic, unit) }),
  ],
});
group(
  'composite values',
  [
    pressure('high', 160, 90),
    pressure('crossed', 90, 160),
    pressure('pascal', 21.3, 12, 'kPa'),
    {
      resourceType: 'Observation',
      id: 'glucose',
      code: { coding: [{ system: LOINC, code: '15074-8' }, { code: 'glu' }] },
      valueQuantity: { value: 6.3, unit: 'mmol/l', system: UCUM, code: 'mmol/L' },
    },
    {
      resourceType: 'Observation',
      id: 'blood',
      code: { coding: [{ system: LOINC, code: '883-9' }] },
      valueCodeableConcept: { coding: [{ system: 'http://abo', code: 'A' }] },
    },
    {
      resourceType: 'Observation',
      id: 'dated',
      code: { coding: [{ code: 'lmp' }] },
      valueDateTime: '2024-02-03',
    },
    {
      resourceType: 'Observation',
      id: 'during',
      code: { coding: [{ code: 'lmp' }] },
      valuePeriod: { start: '2024-02-01', end: '2024-02-10' },
    },
    {
      resourceType: 'Observation',
      id: 'said',
      code: { coding: [{ code: 'note' }] },
      valueString: 'Müller’s sign',
    },
    {
      resourceType: 'DocumentReference',
      id: 'new',
      relatesTo: [
        { code: 'replaces', target: { reference: 'DocumentReference/old' } },
        { code: 'appends', target: { reference: 'DocumentReference/other' } },
      ],
    },
    {
      resourceType: 'Group',
      id: 'group',
      characteristic: [
        {
          code: { coding: [{ code: 'gender' }] },
          valueCodeableConcept: { coding: [{ code: 'm' }] },
        },
        { code: { coding: [{ code: 'alive' }] }, valueBoolean: true },
      ],
    },
    {
      resourceType: 'ValueSet',
      id: 'set',
      useContext: [
        {
          code: { system: 'http://u', code: 'age' },
          valueRange: { low: ucum(20, 'a'), high: ucum(30, 'a') },
        },
        { code: { code: 'focus' }, valueCodeableConcept: { coding: [{ code: 'asthma' }] } },
      ],
    },
    {
      resourceType: 'MolecularSequence',
      id: 'dna',
      referenceSeq: {
        chromosome: { coding: [{ code: '7' }] },
        referenceSeqId: { coding: [{ code: 'NC_000007' }] },
        windowStart: 100,
        windowEnd: 200,
      },
      variant: [
        { start: 128, end: 129 },
        { start: 150, end: 160 },
      ],
    },
  ],
  [
    ['Observation?component-code-value-quantity=8480-6$gt140', ['high']],
    [`Observation?component-code-value-quantity=8480-6$gt140|${UCUM}|mm[Hg]`, ['high', 'pascal']],
    ['Observation?component-code-value-quantity=8462-4$gt140', ['crossed']],
    [`Observation?combo-code-value-quantity=${LOINC}|8480-6$gt140`, ['high']],
    [`Observation?combo-code-value-quantity=${LOINC}|15074-8$6.3||mmol/l`, ['glucose']],
    [`Observation?code-value-quantity=${LOINC}|15074-8$6.3||mmol/L`, ['glucose']],
    ['Observation?code-value-quantity=glu$lt7', ['glucose']],
    ['Observation?code-value-quantity=8480-6$gt140', []],
    ['Observation?code-value-quantity=|glu$6.3', ['glucose']],
    ['Observation?code-value-quantity=http://wrong|glu$6.3', []],
    ['Observation?code-value-quantity=glu$1,glu$6.3', ['glucose']],
    ['Observation?code-value-concept=883-9$http://abo|A', ['blood']],
    ['Observation?combo-code-value-concept=883-9$A', ['blood']],
    ['Observation?component-code-value-concept=883-9$A', []],
    ['Observation?code-value-date=lmp$2024-02-03', ['dated']],
    ['Observation?code-value-date=lmp$ge2024-02-05', ['during']],
    ['Observation?code-value-string=note$MUL', ['said']],
    ['DocumentReference?relationship=replaces$DocumentReference/old', ['new']],
    ['DocumentReference?relationship=replaces$old', ['new']],
    ['DocumentReference?relationship=appends$DocumentReference/old', []],
    ['Group?characteristic-value=gender$m', ['group']],
    ['Group?characteristic-value=alive$true', ['group']],
    ['Group?characteristic-value=alive$m', []],
    [`ValueSet?context-type-quantity=http://u|age$ge240|${UCUM}|mo`, ['set']],
    [`ValueSet?context-type-quantity=http://u|age$gt40|${UCUM}|a`, []],
    ['ValueSet?context-type-value=focus$asthma', ['set']],
    ['ValueSet?context-type-value=age$asthma', []],
    ['MolecularSequence?chromosome-variant-coordinate=7$ge128$lt130', ['dna']],
    ['MolecularSequence?chromosome-variant-coordinate=7$128$160', []],
    ['MolecularSequence?chromosome-window-coordinate=7$100$200', ['dna']],
    ['MolecularSequence?referenceseqid-variant-coordinate=NC_000007$150$160', ['dna']],
    ['MolecularSequence?referenceseqid-window-coordinate=NC_000007$100$le200', ['dna']],
  ],
);

const place = (id: string, latitude: number, longitude: number): Json => ({
  resourceType: 'Location',
  id,
  position: { latitude, longitude },
});
group(
  'what is near',
  [
    place('zurich', 47.3769, 8.5417),
    place('uster', 47.3473, 8.7208),
    place('bern', 46.948, 7.4474),
    { resourceType: 'Location', id: 'nowhere' },
  ],
  [
    ['Location?near=47.3769|8.5417', ['zurich', 'uster']],
    ['Location?near=47.3769|8.5417|1', ['zurich']],
    ['Location?near=47.3769|8.5417|95|km', ['zurich', 'uster']],
    ['Location?near=47.3769|8.5417|96|km', ['zurich', 'uster', 'bern']],
    ['Location?near=47.3769|8.5417|14500|m', ['zurich', 'uster']],
    ['Location?near=47.3769|8.5417|60|mi', ['zurich', 'uster', 'bern']],
    ['Location?near=47.3769|8.5417|60|[mi_i]', ['zurich', 'uster', 'bern']],
    ['Location?near=47.3769|8.5417|0', ['zurich']],
    ['Location?near=-47.3769|-171.4583|100', []],
    ['Location?near=46.948|7.4474|1,47.3473|8.7208|1', ['bern', 'uster']],
    ['Location?near:missing=true', ['nowhere']],
    ['Location?near:missing=false', ['zurich', 'uster', 'bern']],
  ],
);

group(
  'modifiers of tokens',
  [
    {
      resourceType: 'Observation',
      id: 'coded',
      status: 'final',
      code: { coding: [{ system: LOINC, code: '8480-6', display: 'Systolic blood pressure' }] },
    },
    {
      resourceType: 'Observation',
      id: 'worded',
      status: 'amended',
      code: { text: 'Sÿstolic, lying' },
    },
    { resourceType: 'Observation', id: 'bare' },
    {
      resourceType: 'Patient',
      id: 'typed',
      gender: 'male',
      identifier: [
        {
          type: { coding: [{ system: 'http://v2', code: 'MR' }], text: 'Record number' },
          system: 'http://h',
          value: '12|34',
        },
      ],
    },
    {
      resourceType: 'Patient',
      id: 'untyped',
      gender: 'female',
      identifier: [{ system: 'http://h', value: '12|34' }],
    },
    {
      resourceType: 'Library',
      id: 'mixed',
      version: 'Beta',
    },
    {
      resourceType: 'Encounter',
      id: 'visit',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    },
  ],
  [
    ['Observation?code:text=systolic', ['coded', 'worded']],
    ['Observation?code:text=SYSTOLIC BLOOD', ['coded']],
    ['Observation?code:text=blood', []],
    ['Observation?code:not=8480-6', ['worded', 'bare']],
    ['Observation?code:missing=true', ['bare']],
    ['Observation?code:missing=false', ['coded', 'worded']],
    ['Patient?identifier:of-type=http://v2|MR|12\\|34', ['typed']],
    ['Patient?identifier:of-type=http://v2|MR|12', []],
    ['Patient?identifier:of-type=http://v2|SS|12\\|34', []],
    ['Patient?identifier:text=record', ['typed']],
    ['Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', ['typed', 'untyped']],
    ['Patient?gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender', []],
    ['Patient?gender:in=http://hl7.org/fhir/ValueSet/observation-status', []],
    ['Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status', ['coded', 'worded']],
    ['Observation?status:not-in=http://hl7.org/fhir/ValueSet/observation-status', ['bare']],
    ['Observation?status:below=http://hl7.org/fhir/observation-status|amended', ['worded']],
    ['Observation?status:above=http://hl7.org/fhir/observation-status|corrected', ['worded']],
    ['Observation?status:below=http://hl7.org/fhir/observation-status|corrected', []],
    [
      'Encounter?class:below=http://terminology.hl7.org/CodeSystem/v3-ActCode|_ActEncounterCode',
      ['visit'],
    ],
    ['Encounter?class:above=http://terminology.hl7.org/CodeSystem/v3-ActCode|ACUTE', ['visit']],
    ['Encounter?class:below=http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB', []],
    ['Library?version=BETA', ['mixed']],
    ['Library?version=beta-1', []],
    ['Library?version:not=beta', []],
    ['Patient?_id:not=typed', ['untyped']],
    ['Patient?_id:missing=false', ['typed', 'untyped']],
    ['Patient?_id:missing=true', []],
  ],
);

const conceptMap = (id: string, group: Json): Json => ({
  resourceType: 'ConceptMap',
  id,
  group: [{ source: 'http://from', target: 'http://to', ...group }],
});
const media = (id: string, contentType?: string): Json => ({
  resourceType: 'DocumentReference',
  id,
  content: [{ attachment: { ...(contentType === undefined ? {} : { contentType }) } }],
});

group(
  'codes whose system stands elsewhere',
  [
    { resourceType: 'CodeSystem', id: 'named', url: 'http://s', concept: [{ code: 'a' }] },
    { resourceType: 'CodeSystem', id: 'nameless', concept: [{ code: 'a' }, { code: 'b' }] },
    {
      resourceType: 'ValueSet',
      id: 'composed',
      compose: {
        include: [
          { system: 'http://s', concept: [{ code: 'a' }] },
          { system: 'http://t', concept: [{ code: 'b' }] },
        ],
      },
    },
    {
      resourceType: 'ValueSet',
      id: 'expanded',
      expansion: { contains: [{ system: 'http://t', code: 'a' }, { code: 'b' }] },
    },
    {
      resourceType: 'ValueSet',
      id: 'statuses',
      expansion: {
        contains: [{ system: 'http://hl7.org/fhir/observation-status', code: 'corrected' }],
      },
    },
    conceptMap('both', { element: [{ code: 'a', target: [{ code: 'b' }, { code: 'c' }] }] }),
    conceptMap('turned', { element: [{ code: 'b', target: [{ code: 'a' }] }] }),
    { resourceType: 'SearchParameter', id: 'plain', code: 'a' },
    media('pdf', 'application/pdf'),
    media('text', 'text/plain'),
    media('unsaid'),
  ],
  [
    ['CodeSystem?code=a', ['named', 'nameless']],
    ['CodeSystem?code=http://s|a', ['named']],
    ['CodeSystem?code=http://s|b', []],
    ['CodeSystem?code=http://s|', ['named']],
    ['CodeSystem?code=|a', ['nameless']],
    ['ValueSet?code=http://s|a', ['composed']],
    ['ValueSet?code=http://s|b', []],
    ['ValueSet?code=http://t|a', ['expanded']],
    ['ValueSet?code=http://t|b', ['composed']],
    ['ValueSet?code=|b', ['expanded']],
    ['ValueSet?code:not=http://t|b', ['expanded', 'statuses']],
    ['ValueSet?code:in=http://hl7.org/fhir/ValueSet/observation-status', ['statuses']],
    ['ValueSet?code:below=http://hl7.org/fhir/observation-status|amended', ['statuses']],
    ['ValueSet?code:above=http://hl7.org/fhir/observation-status|amended', []],
    ['ConceptMap?source-code=http://from|a', ['both']],
    ['ConceptMap?source-code=http://to|b', []],
    ['ConceptMap?target-code=http://to|c', ['both']],
    ['ConceptMap?target-code=http://to|a', ['turned']],
    ['ConceptMap?target-code=http://from|a', []],
    ['SearchParameter?code=|a', ['plain']],
    ['DocumentReference?contenttype=urn:ietf:bcp:13|text/plain', ['text']],
    ['DocumentReference?contenttype=urn:ietf:bcp:13|', ['pdf', 'text']],
    ['DocumentReference?contenttype=http://s|text/plain', []],
    ['DocumentReference?contenttype:in=http://hl7.org/fhir/ValueSet/mimetypes', ['pdf', 'text']],
    ['DocumentReference?contenttype:not-in=http://hl7.org/fhir/ValueSet/mimetypes', ['unsaid']],
    ['DocumentReference?contenttype:below=urn:ietf:bcp:13|text/plain', ['text']],
  ],
);

group(
  'references',
  [
    { resourceType: 'Observation', id: 'plain', subject: { reference: 'Patient/a' } },
    { resourceType: 'Observation', id: 'own', subject: { reference: `${BASE}/Patient/a` } },
    {
      resourceType: 'Observation',
      id: 'versioned',
      subject: { reference: 'Patient/a/_history/2' },
    },
    {
      resourceType: 'Observation',
      id: 'foreign',
      subject: { reference: 'http://other.example/fhir/Patient/a' },
    },
    {
      resourceType: 'Observation',
      id: 'contained',
      contained: [{ resourceType: 'Patient', id: 'p' }],
      subject: { reference: '#p' },
    },
    {
      resourceType: 'Observation',
      id: 'contained-group',
      contained: [{ resourceType: 'Group', id: 'p' }],
      subject: { reference: '#p' },
    },
    {
      resourceType: 'Observation',
      id: 'logical',
      subject: { type: 'Patient', identifier: { system: 'http://h', value: '1' } },
    },
    { resourceType: 'Observation', id: 'none' },
    {
      resourceType: 'Library',
      id: 'derived',
      relatedArtifact: [
        { type: 'derived-from', resource: 'http://q/main|2.0#part' },
        { type: 'derived-from', resource: 'http://q/other' },
        { type: 'depends-on', resource: 'http://q/third' },
      ],
    },
    {
      resourceType: 'QuestionnaireResponse',
      id: 'answer',
      questionnaire: `${BASE}/Questionnaire/derived|1`,
    },
    {
      resourceType: 'Patient',
      id: 'a',
      meta: {
        profile: ['http://p/patient|3.1'],
        source: 'http://lab/system#m1',
        tag: [{ system: 'http://t', code: 'x', display: 'Marked' }],
        security: [{ code: 'R' }],
      },
    },
  ],
  [
    ['Observation?subject=Patient/a', ['plain', 'own', 'versioned']],
    ['Observation?subject=a', ['plain', 'own', 'versioned']],
    ['Observation?patient=a', ['plain', 'own', 'versioned']],
    [`Observation?subject=${BASE}/Patient/a`, ['plain', 'own', 'versioned']],
    ['Observation?subject=Patient/a/_history/2', ['versioned']],
    ['Observation?subject=Patient/a/_history/3', []],
    ['Observation?subject=http://other.example/fhir/Patient/a', ['foreign']],
    ['Observation?subject:Patient=a', ['plain', 'own', 'versioned']],
    ['Observation?subject:identifier=http://h|1', ['logical']],
    ['Observation?patient:identifier=1', ['logical']],
    ['Observation?subject:missing=true', ['none']],
    ['Observation?patient:missing=true', ['none', 'contained-group']],
    ['Library?derived-from=http://q/main', ['derived']],
    ['Library?derived-from=http://q/main|2.0', ['derived']],
    ['Library?derived-from=http://q/main|2.0%23part', ['derived']],
    ['Library?derived-from=http://q/main|3.0', []],
    ['Library?derived-from=http://q/third', []],
    ['QuestionnaireResponse?questionnaire=Questionnaire/derived', ['answer']],
    [`QuestionnaireResponse?questionnaire=${BASE}/Questionnaire/derived|1`, ['answer']],
    [`QuestionnaireResponse?questionnaire=${BASE}/Questionnaire/derived|2`, []],
    ['Patient?_profile=http://p/patient', ['a']],
    ['Patient?_profile=http://p/patient|3.1', ['a']],
    ['Patient?_profile=http://p/patient|3.2', []],
    ['Patient?_profile:below=http://p', ['a']],
    ['Patient?_profile:missing=true', []],
    ['Patient?_source=http://lab/system%23m1', ['a']],
    ['Patient?_source:above=http://lab/system%23m1/x', ['a']],
    ['Patient?_tag=http://t|x', ['a']],
    ['Patient?_tag:text=mark', ['a']],
    ['Patient?_security:not=R', []],
  ],
);

group(
  'contained resources',
  [
    {
      resourceType: 'MedicationRequest',
      id: 'inside',
      contained: [
        {
          resourceType: 'Medication',
          id: 'med',
          code: { coding: [{ code: 'tablet' }] },
          manufacturer: { reference: '#maker' },
        },
        { resourceType: 'Organization', id: 'maker', name: 'Acme' },
      ],
      medicationReference: { reference: '#med' },
    },
    {
      resourceType: 'MedicationRequest',
      id: 'outside',
      medicationReference: { reference: 'Medication/m' },
    },
    { resourceType: 'MedicationRequest', id: 'none' },
    {
      resourceType: 'Medication',
      id: 'm',
      code: { coding: [{ code: 'tablet' }] },
      manufacturer: { reference: 'Organization/o' },
    },
    { resourceType: 'Organization', id: 'o', name: 'Acme' },
  ],
  [
    ['MedicationRequest?medication.code=tablet', ['inside', 'outside']],
    ['MedicationRequest?medication:Medication.code=tablet', ['inside', 'outside']],
    ['MedicationRequest?medication.code=drops', []],
    ['MedicationRequest?medication.code:not=drops', ['inside', 'outside']],
    ['MedicationRequest?medication.code:missing=true', []],
    ['MedicationRequest?medication.ingredient:missing=true', ['inside', 'outside']],
    ['MedicationRequest?medication.manufacturer.name=ac', ['inside', 'outside']],
    ['MedicationRequest?medication._id=med', ['inside']],
    ['MedicationRequest?medication=Medication/med', []],
    ['Medication?_has:MedicationRequest:medication:_id=inside', []],
  ],
);

const header = { resourceType: 'MessageHeader', id: 'h', eventUri: 'http://e/admit' };
group(
  'resources inside of a bundle',
  [
    {
      resourceType: 'Bundle',
      id: 'document',
      type: 'document',
      entry: [
        {
          resource: {
            resourceType: 'Composition',
            id: 'c',
            status: 'final',
            title: 'Discharge summary',
            date: '2024-05-06',
            subject: { reference: 'Patient/a' },
            type: { coding: [{ system: LOINC, code: '18842-5' }] },
          },
        },
        { resource: { resourceType: 'Patient', id: 'inside' } },
      ],
    },
    { resourceType: 'Bundle', id: 'message', type: 'message', entry: [{ resource: header }] },
    { resourceType: 'Bundle', id: 'empty', type: 'collection' },
    { resourceType: 'Patient', id: 'a', name: [{ family: 'Ant' }] },
  ],
  [
    ['Bundle?composition=Composition/c', ['document']],
    ['Bundle?composition=c', ['document']],
    ['Bundle?composition=Composition/d', []],
    ['Bundle?composition.type=18842-5', ['document']],
    ['Bundle?composition.status:not=final', []],
    ['Bundle?composition.status:not=amended', ['document']],
    ['Bundle?composition:Composition.title=dis', ['document']],
    ['Bundle?composition._id=c', ['document']],
    ['Bundle?composition.date=gt2024-05-05', ['document']],
    ['Bundle?composition.patient=a', ['document']],
    ['Bundle?composition.patient.family=ant', ['document']],
    ['Bundle?composition.patient.family=bee', []],
    ['Bundle?composition.date:missing=true', []],
    ['Bundle?composition.encounter:missing=true', ['document']],
    ['Bundle?composition:missing=true', ['empty', 'message']],
    ['Bundle?message=MessageHeader/h', ['message']],
    ['Bundle?message.event=http://e/admit', ['message']],
    ['Bundle?message:missing=false', ['message']],
  ],
);
