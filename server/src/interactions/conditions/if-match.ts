import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/resource-store.ts';

/** http://hl7.org/fhir/R4/http.html#concurrency @throws FhirError `precondition` unless the current version is the one named */
export function assertMatch(ifMatch: number | undefined, current: StoredVersion | undefined): void {
  if (ifMatch === undefined) return;
  if (current === undefined || current.deleted || current.version !== ifMatch) {
    throw new FhirError(
      'precondition',
      current === undefined || current.deleted
        ? `If-Match names version ${ifMatch}, but there is no current version`
        : `If-Match names version ${ifMatch}, but the current version is ${current.version}`,
      { expression: 'http.If-Match' },
    );
  }
}
