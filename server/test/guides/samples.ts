import {
  coded,
  concept,
  concepts,
  date,
  day,
  hl7,
  loinc,
  plain,
  reference,
  snomed,
  text,
  token,
} from './values.ts';
import type { Answering } from './values.ts';

export interface Sample {
  /** What R4 requires besides. */
  readonly base: object;
  readonly parameters: Readonly<Record<string, Answering>>;
  /** Where what answers to all parameters cannot refer to what is to be included. */
  readonly including?: object;
}

const patient = reference('patient');
const subject = reference('subject');
const codes = (system: string, element = 'code') => concept(element, system, ['10', '20']);
const asserted = 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate';
const medication = { reference: 'Medication/guide' };
const address = { city: 'Cityname', postalCode: '12345', state: 'Statename', text: 'Addressline' };
const addressPart = (hit: string, part: Partial<typeof address>): Answering => ({
  query: [[hit], [hit.slice(0, 3)]],
  hit: { address },
  miss: { address: { ...address, ...part } },
});
const places = {
  address: addressPart('Addressline', { text: 'elsewhere' }),
  name: text(['Wanted', 'Someone'], (name) => ({ name })),
};
const names = text(['Wanted', 'Someone'], (value) => ({ name: [{ text: value }] }));
const identifier = token('urn:ids', ['1', '2'], (value) => ({
  identifier: [{ system: 'urn:ids', value }],
}));
const person = { family: 'Familyname', given: ['Givenname'], text: 'Wholename' };
const personPart = (hit: string, part: object): Answering => ({
  query: [[hit], [hit.slice(0, 5)]],
  hit: { name: [person] },
  miss: { name: [{ ...person, ...part }] },
});

/** One made resource of each type that the guides require searches of. */
export const samples: Readonly<Record<string, Sample>> = {
  AllergyIntolerance: {
    base: {},
    parameters: {
      patient,
      'clinical-status': concept('clinicalStatus', hl7('allergyintolerance-clinical'), [
        'active',
        'resolved',
      ]),
    },
  },
  CarePlan: {
    base: { intent: 'plan' },
    parameters: {
      patient: subject,
      category: concepts('category', snomed, ['10', '20']),
      date: date((start) => ({ period: { start, end: start } })),
      status: plain('status', ['active', 'completed']),
    },
  },
  CareTeam: {
    base: {},
    parameters: {
      patient: subject,
      role: token(snomed, ['10', '20'], (code) => ({
        participant: ['Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson'].map(
          (type) => ({
            role: [coded(snomed, code)],
            member: { reference: `${type}/guide` },
          }),
        ),
      })),
      status: plain('status', ['active', 'inactive']),
    },
  },
  Condition: {
    base: {},
    parameters: {
      patient: subject,
      category: concepts('category', hl7('condition-category'), [
        'problem-list-item',
        'encounter-diagnosis',
      ]),
      'clinical-status': concept('clinicalStatus', hl7('condition-clinical'), [
        'inactive',
        'remission',
      ]),
      code: codes(snomed),
      encounter: reference('encounter', ['Encounter', 'guide']),
      'onset-date': day('onsetDateTime'),
      'abatement-date': day('abatementDateTime'),
      'recorded-date': day('recordedDate'),
      'asserted-date': date((valueDateTime) => ({
        extension: [{ url: asserted, valueDateTime }],
      })),
    },
  },
  Coverage: {
    base: { status: 'active', payor: [{ reference: 'Organization/guide' }] },
    parameters: { patient: reference('beneficiary') },
  },
  Device: {
    base: {},
    parameters: {
      patient,
      type: codes(snomed, 'type'),
      status: plain('status', ['active', 'inactive']),
    },
  },
  DiagnosticReport: {
    base: {},
    parameters: {
      patient: subject,
      category: concepts('category', hl7('v2-0074'), ['LAB', 'RAD']),
      code: codes(loinc),
      date: day('effectiveDateTime'),
      status: plain('status', ['final', 'amended']),
    },
  },
  DocumentReference: {
    base: {},
    parameters: {
      patient: subject,
      category: concepts(
        'category',
        'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
        ['clinical-note', 'other'],
      ),
      type: codes(loinc, 'type'),
      date: date((value) => ({ date: `${value}T10:00:00Z` })),
      period: date((start) => ({ context: { period: { start, end: start } } })),
      status: plain('status', ['current', 'superseded']),
      contenttype: {
        query: [['application/pdf']],
        hit: { content: [{ attachment: { contentType: 'application/pdf', url: 'urn:x' } }] },
        miss: { content: [{ attachment: { contentType: 'text/plain', url: 'urn:x' } }] },
      },
    },
  },
  Encounter: {
    base: {},
    parameters: {
      patient: subject,
      class: token(hl7('v3-ActCode'), ['AMB', 'IMP'], (code) => ({
        class: { system: hl7('v3-ActCode'), code },
      })),
      type: concepts('type', snomed, ['10', '20']),
      date: date((start) => ({ period: { start, end: start } })),
      identifier,
      location: {
        query: [['guide'], ['Location/guide']],
        hit: { location: [{ location: { reference: 'Location/guide' } }] },
        miss: { location: [{ location: { reference: 'Location/other' } }] },
      },
      status: plain('status', ['finished', 'planned']),
      'discharge-disposition': token(hl7('discharge-disposition'), ['home', 'hosp'], (code) => ({
        hospitalization: { dischargeDisposition: coded(hl7('discharge-disposition'), code) },
      })),
    },
  },
  Goal: {
    base: {},
    parameters: {
      patient: subject,
      description: codes(snomed, 'description'),
      'lifecycle-status': plain('lifecycleStatus', ['active', 'completed']),
      'target-date': date((dueDate) => ({ target: [{ dueDate }] })),
    },
  },
  Immunization: {
    base: { vaccineCode: { text: 'x' } },
    parameters: {
      patient,
      date: day('occurrenceDateTime'),
      status: plain('status', ['completed', 'not-done']),
    },
  },
  Location: {
    base: {},
    parameters: {
      ...places,
      'address-city': addressPart('Cityname', { city: 'elsewhere' }),
      'address-postalcode': addressPart('12345', { postalCode: '99999' }),
      'address-state': addressPart('Statename', { state: 'elsewhere' }),
    },
  },
  MedicationDispense: {
    base: { medicationReference: medication },
    parameters: {
      patient: subject,
      status: plain('status', ['completed', 'stopped']),
      type: codes(hl7('v3-ActCode'), 'type'),
    },
  },
  MedicationRequest: {
    base: {},
    including: { status: 'active', intent: 'order', medicationReference: medication },
    parameters: {
      patient: subject,
      category: concepts('category', hl7('medicationrequest-category'), [
        'outpatient',
        'inpatient',
      ]),
      intent: plain('intent', ['order', 'plan']),
      authoredon: day('authoredOn'),
      encounter: reference('encounter', ['Encounter', 'guide']),
      status: plain('status', ['active', 'stopped']),
      code: codes(snomed, 'medicationCodeableConcept'),
    },
  },
  MedicationStatement: {
    base: { medicationReference: medication },
    parameters: { patient: subject, status: plain('status', ['active', 'completed']) },
  },
  Observation: {
    base: {},
    parameters: {
      patient: subject,
      category: concepts('category', hl7('observation-category'), ['laboratory', 'vital-signs']),
      code: codes(loinc),
      date: day('effectiveDateTime'),
      status: plain('status', ['final', 'amended']),
    },
  },
  Organization: {
    base: {},
    parameters: {
      ...places,
      address: {
        query: places.address.query,
        hit: { address: [address] },
        miss: { address: [{ ...address, text: 'elsewhere' }] },
      },
    },
  },
  Patient: {
    base: {},
    parameters: {
      birthdate: day('birthDate'),
      'death-date': day('deceasedDateTime'),
      family: personPart('Familyname', { family: 'Another' }),
      given: personPart('Givenname', { given: ['Another'] }),
      name: personPart('Wholename', { text: 'Another' }),
      gender: plain('gender', ['female', 'male']),
      identifier,
    },
  },
  Practitioner: { base: {}, parameters: { identifier, name: names } },
  PractitionerRole: {
    base: { endpoint: [{ reference: 'Endpoint/guide' }] },
    parameters: {
      practitioner: reference('practitioner', ['Practitioner', 'guide']),
      specialty: concepts('specialty', 'http://nucc.org/provider-taxonomy', ['10', '20']),
    },
  },
  Procedure: {
    base: {},
    parameters: {
      patient: subject,
      code: codes(snomed),
      date: day('performedDateTime'),
      status: plain('status', ['completed', 'stopped']),
    },
  },
  QuestionnaireResponse: {
    base: {},
    parameters: {
      patient: subject,
      authored: day('authored'),
      questionnaire: {
        query: [['http://example.org/Questionnaire/1']],
        hit: { questionnaire: 'http://example.org/Questionnaire/1' },
        miss: { questionnaire: 'http://example.org/Questionnaire/2' },
      },
      status: plain('status', ['completed', 'amended']),
    },
  },
  RelatedPerson: { base: {}, parameters: { patient, name: names } },
  ServiceRequest: {
    base: { intent: 'order' },
    parameters: {
      patient: subject,
      category: concepts('category', snomed, ['10', '20']),
      code: codes(snomed),
      authored: day('authoredOn'),
      status: plain('status', ['active', 'completed']),
    },
  },
  Specimen: { base: {}, parameters: { patient: subject } },
};
