import type { AccessRequest, Action, Actor, ConsentWriter } from '@chartseal/chaincode';
import type { Principal } from '../auth/principal.ts';

function actorOf(principal: Principal): Actor {
  return {
    msp: principal.msp,
    organization: principal.organization,
    role: principal.role,
    ...(principal.practitioner === undefined ? {} : { practitioner: principal.practitioner }),
    // The patient whom an app was launched for is not the one who asks.
    ...(principal.role === 'patient' && principal.patient !== undefined
      ? { patient: principal.patient }
      : {}),
    client: principal.client,
  };
}

/** The caller, as who it is to one patient. */
export function callerTo(principal: Principal, patient: string | undefined): ConsentWriter {
  const self =
    principal.role === 'patient' &&
    patient !== undefined &&
    principal.patient === `Patient/${patient}`;
  return { actor: actorOf(principal), self };
}

/** The question asked of the authority about one patient; `className` is a resource type or `AccessLog`. */
export function accessRequest(
  principal: Principal,
  patient: string | undefined,
  asked: { readonly action: Action; readonly className: string },
): AccessRequest {
  return {
    ...callerTo(principal, patient),
    purposes: principal.purposes,
    action: asked.action,
    class: asked.className,
  };
}
