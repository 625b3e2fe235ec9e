/** A FHIR resource as it is sent; the demo writes plain R4 JSON. */
export interface DemoResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

const ucum = 'http://unitsofmeasure.org';

export interface Measurement {
  readonly id: string;
  readonly patient: string;
  readonly category: 'vital-signs' | 'laboratory';
  /** LOINC code and its display. */
  readonly code: readonly [string, string];
  readonly at: string;
  readonly value: number;
  /** UCUM code; also shown. */
  readonly unit: string;
  readonly performer: string;
}

export function observation(measurement: Measurement): DemoResource {
  const [code, display] = measurement.code;
  return {
    resourceType: 'Observation',
    id: measurement.id,
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: measurement.category,
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code, display }], text: display },
    subject: { reference: measurement.patient },
    effectiveDateTime: measurement.at,
    performer: [{ reference: measurement.performer }],
    valueQuantity: {
      value: measurement.value,
      unit: measurement.unit,
      system: ucum,
      code: measurement.unit,
    },
  };
}

export interface Prescription {
  readonly id: string;
  readonly patient: string;
  /** RxNorm code and its display. */
  readonly medication: readonly [string, string];
  readonly status: 'active' | 'completed' | 'stopped';
  readonly authoredOn: string;
  readonly timesPerDay: number;
  readonly days: number;
}

export function medicationRequest(prescription: Prescription): DemoResource {
  const [code, display] = prescription.medication;
  return {
    resourceType: 'MedicationRequest',
    id: prescription.id,
    status: prescription.status,
    intent: 'order',
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code, display }],
      text: display,
    },
    subject: { reference: prescription.patient },
    authoredOn: prescription.authoredOn,
    requester: { reference: 'Practitioner/doctor' },
    dosageInstruction: [
      {
        text: `Take one tablet ${prescription.timesPerDay} times a day`,
        timing: { repeat: { frequency: prescription.timesPerDay, period: 1, periodUnit: 'd' } },
        route: {
          coding: [{ system: 'http://snomed.info/sct', code: '26643006', display: 'Oral route' }],
        },
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet', system: ucum, code: '{tbl}' } }],
      },
    ],
    dispenseRequest: {
      numberOfRepeatsAllowed: 2,
      quantity: {
        value: prescription.timesPerDay * prescription.days,
        unit: 'tablet',
        system: ucum,
        code: '{tbl}',
      },
      expectedSupplyDuration: { value: prescription.days, unit: 'days', system: ucum, code: 'd' },
    },
  };
}

export interface ConsentTerms {
  readonly id: string;
  readonly patient: string;
  readonly effect: 'permit' | 'deny';
  readonly actor: string;
  /** Resource type it is limited to; all when absent. */
  readonly class?: string;
  /** Code of v3-ActReason it is limited to; all when absent. */
  readonly purpose?: string;
}

/** A privacy consent kept by the hospital, as IHE's Privacy Consent on FHIR writes it. */
export function consent(terms: ConsentTerms): DemoResource {
  return {
    resourceType: 'Consent',
    id: terms.id,
    status: 'active',
    scope: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
      ],
    },
    category: [
      { coding: [{ system: 'http://loinc.org', code: '59284-0', display: 'Consent Document' }] },
    ],
    patient: { reference: terms.patient },
    dateTime: '2025-01-15T09:30:00Z',
    performer: [{ reference: terms.patient }],
    organization: [{ reference: 'Organization/hospital' }],
    policy: [{ uri: 'https://chartseal.example.org/policies/patient-privacy' }],
    provision: {
      type: terms.effect,
      actor: [
        {
          role: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                code: 'IRCP',
              },
            ],
          },
          reference: { reference: terms.actor },
        },
      ],
      ...(terms.purpose === undefined
        ? {}
        : {
            purpose: [
              { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: terms.purpose },
            ],
          }),
      ...(terms.class === undefined
        ? {}
        : { class: [{ system: 'http://hl7.org/fhir/resource-types', code: terms.class }] }),
    },
  };
}
