import type { AccessRequest } from '@chartseal/chaincode';

/**
 * Holds what the access log tells the patient about one access or refusal; committed to by its leaf, kept off the
 * ledger.
 */
export interface AccessDetail {
  readonly v: 1;
  /** Instant. */
  readonly at: string;
  /** `Patient/…` */
  readonly patient: string;
  readonly outcome: 'permit' | 'deny';
  /** FHIR interaction or operation: `read`, `vread`, `search-type`, `history-instance`, `$evidence`, … */
  readonly interaction: string;
  readonly request: AccessRequest;
  /** `Type/id/_history/n` of what was disclosed, at most `MAX_RESOURCES`; `more` counts the rest. */
  readonly resources: readonly string[];
  readonly more: number;
  /** Search string without the type, as far as it may be told to this patient: see `toldQuery`. */
  readonly query?: string;
  /** Stable code of the decision and the consents or policy it rests on. */
  readonly reason: string;
  readonly basis: readonly string[];
  /** Ledger transaction of the decision; absent when the caller's token already forbade the access. */
  readonly tx?: string;
  /** Id of the request, as its answer named it; details of servers before it was kept have none. */
  readonly requestId?: string;
}

export const MAX_RESOURCES = 200;

export function encodeDetail(detail: AccessDetail): Uint8Array {
  return Buffer.from(JSON.stringify(detail), 'utf8');
}

export function decodeDetail(bytes: Uint8Array): AccessDetail {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as AccessDetail;
}
