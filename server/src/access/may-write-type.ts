import type { Principal } from '../auth/principal.ts';
import { isOwnAdministration } from '../consent/own-staff.ts';
import { ADMINISTERED_TYPES } from '../fhir/administered-types.ts';
import { APPEND_ONLY } from '../fhir/append-only.ts';
import { FhirError } from '../fhir/errors.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Deciding } from './groups.ts';

/**
 * Judges a write by its type alone, before anything is looked up: docs/decisions/0057-whose-name-a-write-may-carry.md
 *
 * @throws FhirError `forbidden` for what is administered, `method` for the deletion of a record
 */
export function mayWriteType(
  { organisation }: Pick<Deciding, 'organisation'>,
  principal: Principal,
  { type, accepted }: { readonly type: string; readonly accepted?: object | undefined },
): void {
  if (ADMINISTERED_TYPES.has(type) && !isOwnAdministration(organisation, principal)) {
    throw new FhirError(
      'forbidden',
      `Refused: every ${type} is written by systems and administration of ${organisation.reference} only`,
      { expression: type },
    );
  }
  if (accepted === undefined) assertNoRecord(type);
}

/** To be asked once the caller may know of the current version. @throws FhirError `method` for the change of a record */
export function assertAppends(type: string, current: StoredVersion | undefined): void {
  if (current !== undefined) assertNoRecord(type);
}

/** @throws FhirError `method` where what is written stays */
export function assertNoRecord(type: string): void {
  const why = APPEND_ONLY.get(type);
  if (why !== undefined) throw new FhirError('method', why, { expression: type });
}
