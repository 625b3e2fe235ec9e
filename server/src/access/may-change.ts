import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import { refusal } from '../consent/refusal.ts';
import { FhirError } from '../fhir/errors.ts';
import { boundsOf, insufficientScope, split } from './bounds.ts';
import type { Deciding } from './groups.ts';

/**
 * Judges a caller's wish to change data of these patients: scopes, then what consent and policy say about it.
 *
 * @throws FhirError when it may not be done; the refusal stands in the access log of each patient
 * @rule change of patient data
 */
export async function mayChange(
  services: Deciding,
  principal: Principal,
  change: {
    readonly interaction: string;
    readonly type: string;
    readonly permission: Permission;
    readonly patients: readonly string[];
    /** Something is there that the change takes away: whoever may not see data may not replace them. */
    readonly replaces?: boolean;
  },
): Promise<void> {
  const bounds = boundsOf(principal, change.type, change.permission);
  // No change is acknowledged that cannot be anchored soon.
  await services.pulse.alive();
  const { within, beyond } = split(change.patients, bounds);
  if (bounds.patientOnly !== undefined && change.patients.length === 0) {
    throw insufficientScope(change.type, change.permission);
  }

  const question = {
    action: change.permission === 'c' ? ('collect' as const) : ('correct' as const),
    className: change.type,
  };
  const verdicts = services.authority.forecast(principal, within, question);
  if (change.replaces === true) {
    const seeing = { ...question, action: 'access' as const };
    for (const [patient, seen] of services.authority.forecast(principal, within, seeing))
      if (seen.outcome === 'deny') verdicts.set(patient, seen);
  }
  for (const [patient, verdict] of beyond) verdicts.set(patient, verdict);
  const denied = new Map([...verdicts].filter(([, verdict]) => verdict.outcome === 'deny'));
  if (denied.size === 0) {
    if (change.patients.length === 0) services.authority.assertMayChangeUnowned(principal);
    return;
  }
  await services.authority.record(principal, denied, {
    interaction: change.interaction,
    question,
    resources: [],
    query: undefined,
  });
  throw (
    refusal(services.organisation, principal, {
      verdicts: denied,
      named: [...denied.keys()],
      hidden: [],
    }) ?? new FhirError('not-found', 'No such resource')
  );
}
