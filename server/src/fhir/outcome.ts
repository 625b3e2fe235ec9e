import type { OperationOutcome } from 'fhir/r4.js';
import { FhirError } from './errors.ts';
import type { FhirErrorCode, Issue } from './errors.ts';

/** The one table from our vocabulary to HTTP status and http://hl7.org/fhir/issue-type. */
const TABLE: Readonly<Record<FhirErrorCode, readonly [status: number, issue: string]>> = {
  invalid: [400, 'invalid'],
  structure: [400, 'structure'],
  'not-supported': [400, 'not-supported'],
  'too-costly': [400, 'too-costly'],
  login: [401, 'login'],
  forbidden: [403, 'forbidden'],
  'not-found': [404, 'not-found'],
  'unknown-type': [404, 'not-supported'],
  method: [405, 'not-supported'],
  'not-acceptable': [406, 'not-supported'],
  conflict: [409, 'conflict'],
  deleted: [410, 'deleted'],
  expired: [410, 'processing'],
  precondition: [412, 'conflict'],
  'too-large': [413, 'too-long'],
  'media-type': [415, 'not-supported'],
  unprocessable: [422, 'processing'],
  throttled: [429, 'throttled'],
  exception: [500, 'exception'],
  unavailable: [503, 'transient'],
};

/**
 * Returns what any failure looks like from outside. What is no FhirError shows nothing of itself.
 *
 * @rule OperationOutcome
 */
export function outcomeOf(error: unknown): { status: number; outcome: OperationOutcome } {
  const known =
    error instanceof FhirError
      ? error
      : new FhirError('exception', 'The server failed on this request');
  const [status, code] = TABLE[known.code];
  const { message, expression } = known;
  const own: Issue = {
    severity: status === 500 ? 'fatal' : 'error',
    code,
    diagnostics: message,
    ...(expression ? { expression } : {}),
  };
  const issues = known.issues && known.issues.length > 0 ? known.issues : [own];
  return { status, outcome: outcomeFrom(issues) };
}

/** An OperationOutcome of the given issues. */
export function outcomeFrom(issues: readonly Issue[]): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code, diagnostics, expression }) => ({
      severity,
      code: code as OperationOutcome['issue'][number]['code'],
      diagnostics,
      ...(expression ? { expression: [...expression] } : {}),
    })),
  };
}

/** Returns what a write tells that is done as asked, with what was strange in it. */
export function doneOutcome(warnings: readonly Issue[] = []): OperationOutcome {
  const done: Issue = {
    severity: 'information',
    code: 'informational',
    diagnostics: 'Done as asked',
  };
  return outcomeFrom([done, ...warnings]);
}
