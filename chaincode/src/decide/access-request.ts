import { flag, list, object, oneOf, type Shape } from '@chartseal/evidence/shape';
import { actor, type Actor } from '../consent/actor.ts';
import { ACTIONS } from '../consent/consent-set.ts';
import { code, resourceType } from '../transaction/atoms.ts';

export { ROLES, type Actor, type Role } from '../consent/actor.ts';

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

export const accessRequest: Shape<AccessRequest> = object({
  actor,
  self: flag,
  purposes: list(code, 16, 1),
  action: oneOf(...ACTIONS),
  class: resourceType,
});
