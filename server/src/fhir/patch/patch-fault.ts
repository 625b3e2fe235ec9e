import { FhirError } from '../errors.ts';

/** 400: the operation (counted from 0) is not one. */
export function malformed(operation: number, detail: string, expression?: string): FhirError {
  return new FhirError('structure', `Operation ${operation}: ${detail}`, {
    ...(expression === undefined ? {} : { expression }),
  });
}

/** 422: the operation (counted from 0) cannot be done to this resource. */
export function inapplicable(operation: number, detail: string): FhirError {
  return new FhirError('unprocessable', `Operation ${operation}: ${detail}`);
}
