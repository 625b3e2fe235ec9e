import { object, oneOf, text, type Shape } from '@chartseal/evidence/shape';
import { msp, reference } from '../transaction/atoms.ts';

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

export const actor: Shape<Actor> = object(
  {
    msp,
    organization: reference,
    role: oneOf(...ROLES),
    client: text(/^[\x20-\x7e]{1,256}$/, 'a client id'),
  },
  { practitioner: reference, patient: reference },
);
