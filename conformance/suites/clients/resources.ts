import type {
  Bundle,
  Consent,
  MedicationDispense,
  MedicationRequest,
  Observation,
} from 'fhir/r4.js';

/** The resources of the journeys, for the clients that have no model of their own. */
export function prescription(patient: string): MedicationRequest {
  return {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: patient },
    medicationCodeableConcept: { text: 'amoxicillin 500 mg' },
    authoredOn: '2026-03-01T08:30:00+01:00',
  };
}

function pulse(patient: string, value: number): Observation {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: patient },
    effectiveDateTime: `2026-03-0${value % 9}`,
    valueQuantity: { value, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  };
}

export function pulses(patient: string): Bundle & { readonly type: 'transaction' } {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [61, 74].map((value) => ({
      resource: pulse(patient, value),
      request: { method: 'POST', url: 'Observation' },
    })),
  };
}

/** The patient lets the pharmacy read prescriptions for treatment, and nothing else. */
export function pharmacyConsent(patient: string): Consent {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
      ],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: patient },
    dateTime: '2026-03-01',
    organization: [{ reference: 'Organization/hospital' }],
    policy: [{ uri: 'https://chartseal.example.org/policies/patient-privacy' }],
    provision: {
      type: 'permit',
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
          reference: { reference: 'Organization/pharmacy' },
        },
      ],
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'MedicationRequest' }],
    },
  };
}

/** @param hospital base URL, since patient and prescription are kept at the hospital */
export function dispense(
  hospital: string,
  of: { readonly patient: string; readonly prescription: string },
): MedicationDispense {
  return {
    resourceType: 'MedicationDispense',
    status: 'completed',
    subject: { reference: `${hospital}/${of.patient}` },
    authorizingPrescription: [{ reference: `${hospital}/${of.prescription}` }],
    medicationCodeableConcept: { text: 'amoxicillin 500 mg' },
    whenHandedOver: '2026-03-01T16:00:00+01:00',
  };
}
