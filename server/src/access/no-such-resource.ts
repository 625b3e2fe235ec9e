import { FhirError } from '../fhir/errors.ts';

/** The same words whether it never was or may not be known of. */
export function noSuchResource(type: string, id: string): FhirError {
  return new FhirError('not-found', `${type}/${id} is not known here`);
}
