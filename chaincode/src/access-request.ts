/** Roles a caller can have, as certified to the resource server by its token. */
export type Role =
  | 'system'
  | 'practitioner'
  | 'patient'
  | 'pharmacist'
  | 'insurer'
  | 'lab'
  | 'researcher'
  | 'auditor'
  | 'admin';

/** Who asks. References are relative FHIR references (`Practitioner/doctor`). */
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

/** Codes of http://terminology.hl7.org/CodeSystem/consentaction. */
export type Action = 'collect' | 'access' | 'use' | 'disclose' | 'correct';

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
