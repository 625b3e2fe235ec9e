import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';

/**
 * What concerns the running of the server: for the custodian's administrators and its own systems.
 * @throws FhirError `forbidden`
 */
export function assertOperator(
  organisation: { readonly organization: string },
  principal: Principal,
): void {
  const own = principal.organization === organisation.organization;
  if (own && (principal.role === 'admin' || principal.role === 'system')) return;
  throw new FhirError('forbidden', 'This is for administrators and systems of the organisation');
}
