/**
 * The closed vocabulary of what can go wrong towards a client. `message` and `expression` are shown to the client,
 * so they hold nothing internal. One table in `outcome.ts` maps a code to HTTP status and OperationOutcome issue type.
 *
 * @rule OperationOutcome
 */
export type FhirErrorCode =
  | 'invalid' // 400: not parseable or not valid as it stands
  | 'structure' // 400
  | 'not-supported' // 400/404: unknown type, interaction or parameter
  | 'unknown-type' // 404
  | 'login' // 401
  | 'forbidden' // 403
  | 'not-found' // 404
  | 'deleted' // 410
  | 'expired' // 410: a page link whose time is over
  | 'conflict' // 409
  | 'precondition' // 412
  | 'too-large' // 413
  | 'media-type' // 415
  | 'method' // 405
  | 'not-acceptable' // 406
  | 'unprocessable' // 422: violates the R4 definitions
  | 'too-costly' // 400
  | 'throttled' // 429
  | 'unavailable' // 503: ledger or store cannot be used
  | 'exception'; // 500

export interface Issue {
  readonly severity: 'fatal' | 'error' | 'warning' | 'information';
  /** http://hl7.org/fhir/issue-type */
  readonly code: string;
  readonly diagnostics: string;
  /** FHIRPath of the element, e.g. `Patient.name[0].family`, or a header or query parameter as `http.<name>`. */
  readonly expression?: readonly string[];
}

export class FhirError extends Error {
  override readonly name = 'FhirError';
  readonly code: FhirErrorCode;
  readonly expression: readonly string[] | undefined;
  /** Several findings (validation); when absent there is one, made of code, message and expression. */
  readonly issues: readonly Issue[] | undefined;
  constructor(
    code: FhirErrorCode,
    message: string,
    facts: {
      expression?: string | readonly string[];
      issues?: readonly Issue[];
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.expression = typeof facts.expression === 'string' ? [facts.expression] : facts.expression;
    this.issues = facts.issues;
  }
}
