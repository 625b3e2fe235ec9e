import { FhirError } from '../fhir/errors.ts';
import { printable } from '../fhir/printable.ts';

/** @param name of a parameter that is known */
export function bad(name: string, what: string): FhirError {
  return new FhirError('invalid', `Search parameter ${name}: ${what}`, {
    expression: `http.${name}`,
  });
}

/** @param name as the caller wrote it */
export function costly(name: string, what: string): FhirError {
  return new FhirError('too-costly', `Search parameter ${printable(name)}: ${what}`, {
    expression: `http.${printable(name)}`,
  });
}
