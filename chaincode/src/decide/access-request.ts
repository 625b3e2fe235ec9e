import { flag, list, object, oneOf, text, type Shape } from '@chartseal/evidence/shape';
import { ACTIONS } from '../consent/consent-set.ts';
import { code, msp, reference, resourceType } from '../transaction/atoms.ts';

/** Roles a caller can have, as certified to the resource server by its token. */
export const ROLES = [
  'system',
  'practitioner',
  'patient',
  'pharmacist',
  'insurer',
  'lab',
  'researcher',
  'auditor',
  'admin',
] as const;
export type Role = (typeof ROLES)[number];

/** Says who asks. References are relative FHIR references (`Practitioner/doctor`). */
export interface Actor {
  /** MSP id of the organisation the actor belongs to. */
  readonly msp: string;
  readonly organization: string;
  readonly role: Role;
  /** `Practitioner/…` of a person, absent for systems. */
  readonly practitioner?: string;
  /** `Patient/…` when the actor is a patient. */
  readonly patient?: string;
  /** OAuth client id. */
  readonly client: string;
}

export type Action = (typeof ACTIONS)[number];

/** One question to the authority: may this actor, for these purposes, do this with this patient's data of this class? */
export interface AccessRequest {
  readonly actor: Actor;
  /** True when the actor is the patient whose data is asked for. */
  readonly self: boolean;
  /** Codes of http://terminology.hl7.org/CodeSystem/v3-ActReason, at least one. */
  readonly purposes: readonly string[];
  readonly action: Action;
  /** FHIR resource type, e.g. `MedicationRequest`; `AccessLog` for the patient's access log. */
  readonly class: string;
}

const actor: Shape<Actor> = object(
  {
    msp,
    organization: reference,
    role: oneOf(...ROLES),
    client: text(/^[\x20-\x7e]{1,256}$/, 'a client id'),
  },
  { practitioner: reference, patient: reference },
);

export const accessRequest: Shape<AccessRequest> = object({
  actor,
  self: flag,
  purposes: list(code, 16, 1),
  action: oneOf(...ACTIONS),
  class: resourceType,
});
