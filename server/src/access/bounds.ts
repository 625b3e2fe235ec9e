import { allows, type Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import type { Verdict } from '../consent/authority.ts';
import { FhirError } from '../fhir/errors.ts';

/** Returns what the scopes allow. @throws FhirError `forbidden` when they do not allow it at all */
export function boundsOf(principal: Principal, type: string, permission: Permission): Bounds {
  const bounds = allows(principal, type, permission);
  if (!bounds.allowed) throw insufficientScope(type, permission);
  return bounds;
}

export function insufficientScope(type: string, permission: Permission): FhirError {
  return new FhirError(
    'forbidden',
    `The access token has no scope that allows this: ${type}.${permission} is needed`,
  );
}

const BEYOND_SCOPE: Verdict = { outcome: 'deny', reason: 'scope', basis: [], residual: [] };

/** Patients whom the scopes leave, to be decided about, and the others, whom nobody needs to be asked about. */
export function split(
  patients: readonly string[],
  { patientOnly: only }: Pick<Bounds, 'patientOnly'>,
): {
  readonly within: readonly string[];
  readonly beyond: readonly (readonly [patient: string, verdict: Verdict])[];
} {
  if (only === undefined) return { within: patients, beyond: [] };
  return {
    within: patients.filter((patient) => patient === only),
    beyond: patients.filter((patient) => patient !== only).map((each) => [each, BEYOND_SCOPE]),
  };
}
