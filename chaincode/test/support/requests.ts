import type { AccessRequest, Actor, Role } from '../../src/decide/access-request.ts';
import type { CompiledConsent, ConsentSet, Provision } from '../../src/consent/consent-set.ts';
import type { ResourceFacts } from '../../src/decide/evaluate-residual.ts';

export const DOCTOR: Actor = {
  msp: 'HospitalMSP',
  organization: 'Organization/hospital',
  role: 'practitioner',
  practitioner: 'Practitioner/doctor',
  client: 'ehr',
};
export const OTHER_DOCTOR: Actor = { ...DOCTOR, practitioner: 'Practitioner/other-doctor' };
export const SYSTEM: Actor = {
  msp: 'HospitalMSP',
  organization: 'Organization/hospital',
  role: 'system',
  client: 'ehr',
};
export const ADMIN: Actor = { ...DOCTOR, role: 'admin', practitioner: 'Practitioner/admin' };
export const PHARMACIST: Actor = {
  msp: 'PharmacyMSP',
  organization: 'Organization/pharmacy',
  role: 'pharmacist',
  client: 'pharmacy',
};
export const PATIENT: Actor = {
  msp: 'HospitalMSP',
  organization: 'Organization/hospital',
  role: 'patient',
  patient: 'Patient/demo-a',
  client: 'portal',
};

export function actor(role: Role, msp = 'HospitalMSP'): Actor {
  return { msp, organization: 'Organization/hospital', role, client: 'client' };
}

export function ask(who: Actor, more: Partial<AccessRequest> = {}): AccessRequest {
  return {
    actor: who,
    self: false,
    purposes: ['TREAT'],
    action: 'access',
    class: 'MedicationRequest',
    ...more,
  };
}

export function consent(
  id: string,
  provision?: Partial<Provision>,
  more: Partial<CompiledConsent> = {},
): CompiledConsent {
  return {
    id: `Consent/${id}`,
    version: 1,
    status: 'active',
    ...(provision === undefined ? {} : { provision: { exceptions: [], ...provision } }),
    ...more,
  };
}

export function setOf(...consents: CompiledConsent[]): ConsentSet {
  return { consents: consents.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

export function facts(more: Partial<ResourceFacts> = {}): ResourceFacts {
  return {
    labels: [],
    codes: [],
    reference: 'MedicationRequest/1',
    references: [],
    authors: [],
    ...more,
  };
}

export const NORMAL = facts();
export const RESTRICTED = facts({ labels: [{ system: CONFIDENTIALITY, code: 'R' }] });
