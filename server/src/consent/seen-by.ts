import { createHash } from 'node:crypto';
import type { Decision } from '@chartseal/chaincode';
import type { Principal } from '../auth/principal.ts';
import { accessRequest } from './access-request.ts';
import type { ConsentReplica } from './consent-replica.ts';

/** Stands for all classes that a patient's consents do not name. */
export const ANY_OTHER = 'Resource';

/**
 * Returns a digest of all that consents and policy say to this caller now, whatever is asked for: as long as it is the
 * same, what was counted before would be counted again. Consents that say what policy says leave it as it is.
 */
export function seenBy(
  { replica, clock }: { readonly replica: ConsentReplica; readonly clock: () => number },
  principal: Principal,
): string {
  const at = new Date(clock()).toISOString();
  const say = (patient: string | undefined, className: string): string => {
    const request = accessRequest(principal, patient, { action: 'access', className });
    return sayingOf(replica.forecast(patient, request, at));
  };
  const policy = say(undefined, ANY_OTHER);
  const said = [...replica.patients()].sort().flatMap((patient) =>
    [ANY_OTHER, ...replica.classesOf(patient)].flatMap((className) => {
      const decision = say(patient, className);
      return decision === policy ? [] : [[patient, className, decision]];
    }),
  );
  return createHash('sha256')
    .update(JSON.stringify([policy, said]))
    .digest('base64url');
}

/** Returns what a decision says, whatever it rests on. */
export function sayingOf({ outcome, residual }: Decision): string {
  return JSON.stringify([outcome, residual]);
}
