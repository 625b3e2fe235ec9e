import type { AccessRequest, Action, Actor } from '@chartseal/chaincode';
import type { Principal } from '../auth/principal.ts';

function actorOf(principal: Principal): Actor {
  return {
    msp: principal.msp,
    organization: principal.organization,
    role: principal.role,
    ...(principal.practitioner === undefined ? {} : { practitioner: principal.practitioner }),
    ...(principal.patient === undefined ? {} : { patient: principal.patient }),
    client: principal.client,
  };
}

/** The question asked of the authority about one patient; `className` is a resource type or `AccessLog`. */
export function accessRequest(
  principal: Principal,
  patient: string | undefined,
  asked: { readonly action: Action; readonly className: string },
): AccessRequest {
  return {
    actor: actorOf(principal),
    self:
      principal.role === 'patient' &&
      patient !== undefined &&
      principal.patient === `Patient/${patient}`,
    purposes: principal.purposes,
    action: asked.action,
    class: asked.className,
  };
}
