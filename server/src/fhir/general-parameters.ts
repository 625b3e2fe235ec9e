import { FhirError } from './errors.ts';
import { printable } from './printable.ts';

/**
 * Lists the parameters that say how an answer is written, which every request may say and which is settled before it
 * is done: R4 http.html#parameters
 */
export const GENERAL_PARAMETERS: ReadonlySet<string> = new Set(['_format', '_pretty']);

/** That what was asked has no such parameter. */
export function unknownParameter(name: string): FhirError {
  const shown = printable(name);
  return new FhirError('not-supported', `There is no parameter ${shown} here`, {
    expression: `http.${shown}`,
  });
}
