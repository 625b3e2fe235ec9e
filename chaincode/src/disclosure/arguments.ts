import {
  count,
  dictionary,
  hash,
  list,
  object,
  oneOf,
  type Shape,
} from '@chartseal/evidence/shape';
import { openedConsentSet, type OpenedConsentSet } from '../consent/arguments.ts';
import { accessRequest, type AccessRequest } from '../decide/access-request.ts';
import { instant, SUBJECT, subject } from '../transaction/atoms.ts';

/** Requests that one `disclosure:disclose` may hold. */
const MAX_REQUESTS = 512;

/**
 * `disclosure:disclose` decides and records a whole group of requests in one transaction. On the ledger: pseudonyms,
 * commitments and outcomes only. It reads `policy/<msp>` and each subject's consent head, so a change ordered before it
 * invalidates it (MVCC), and writes one record at `disclosure/<msp>`.
 */
export interface DiscloseArguments {
  readonly requests: readonly {
    readonly subject: string;
    /** HMAC-SHA256(nonce, canonicalJson(AccessRequest)) in hex. */
    readonly commitment: string;
  }[];
}
/** Transient `facts`. `consents` has an entry for every subject that has a consent set. */
export interface DisclosureFacts {
  readonly requests: readonly { readonly nonce: string; readonly request: AccessRequest }[];
  readonly consents: { readonly [subject: string]: OpenedConsentSet };
}
export interface DiscloseResult {
  /** The transaction's timestamp, the instant at which consents were judged. */
  readonly at: string;
  readonly policyVersion: number;
  /** `stale`: the opened consent set is not the one the ledger holds; the caller must reload it. */
  readonly decisions: readonly {
    readonly outcome: 'permit' | 'deny' | 'stale';
    /** Consent epoch the decision rests on, 0 when the patient has no consent record. */
    readonly epoch: number;
    /** HMAC-SHA256(nonce, canonicalJson(Decision)) in hex; absent when stale. */
    readonly commitment?: string;
  }[];
}

export const discloseArguments: Shape<DiscloseArguments> = object({
  requests: list(object({ subject, commitment: hash }), MAX_REQUESTS, 1),
});

export const disclosureFacts: Shape<DisclosureFacts> = object({
  requests: list(object({ nonce: hash, request: accessRequest }), MAX_REQUESTS, 1),
  consents: dictionary(SUBJECT, openedConsentSet, MAX_REQUESTS),
});

const stale = object({ outcome: oneOf('stale'), epoch: count });
const decided = object({ outcome: oneOf('permit', 'deny'), epoch: count, commitment: hash });
const decision: Shape<DiscloseResult['decisions'][number]> = (value, path) =>
  (value as { outcome?: unknown } | null)?.outcome === 'stale'
    ? stale(value, path)
    : decided(value, path);

/** The result for so many requests: one decision for each. */
export function discloseResult(requests: number): Shape<DiscloseResult> {
  return object({
    at: instant,
    policyVersion: count,
    decisions: list(decision, requests, requests),
  });
}
