import type { Principal } from '../../auth/principal.ts';
import type { Custodian } from '../../consent/organisation.ts';
import { isOwnAdministration } from '../../consent/own-staff.ts';
import { FhirError } from '../../fhir/errors.ts';

/**
 * Keeps what concerns the running of the server for the custodian's administrators and its own systems.
 * @throws FhirError `forbidden`
 */
export function assertOperator(custodian: Custodian, principal: Principal): void {
  if (isOwnAdministration(custodian, principal)) return;
  throw new FhirError('forbidden', 'This is for administrators and systems of the organisation');
}
