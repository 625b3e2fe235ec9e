import type { AccessRequest } from './access-request.ts';
import type { ConsentSet, OverarchingPolicy } from './consent-set.ts';

/**
 * The transactions of the chaincode. A call is `<contract>:<transaction>`; arguments are one JSON string
 * (plus raw bytes for `log:append`), secrets travel in the transient map and never reach the ledger.
 * The caller's organisation is taken from its certificate, which must carry `fhir.role=server`.
 *
 *   log:append          args [AppendArguments, raw 32-byte hashes concatenated]      result AppendResult
 *   log:head            args [{ msp }]                                               result LogState | null
 *   consent:record      args [RecordConsentArguments] transient consents             result ConsentHead
 *   consent:head        args [{ custodian, subject }]                                result ConsentHead | null
 *   consent:setPolicy   args [OverarchingPolicy]                                     result OverarchingPolicy
 *   consent:policy      args [{ custodian }]                                         result OverarchingPolicy | null
 *   disclosure:disclose args [DiscloseArguments] transient facts                     result DiscloseResult
 */
export const CONTRACTS = { log: 'log', consent: 'consent', disclosure: 'disclosure' } as const;

/** At most 2,000 hashes per call. Fails with `size-mismatch` unless the log holds exactly `prevSize` leaves. */
export interface AppendArguments {
  readonly prevSize: number;
}
export interface AppendResult {
  readonly size: number;
  /** hex */
  readonly root: string;
}

/** Replaces the whole consent set of one patient of the calling organisation. `epoch` must be the current one plus 1. */
export interface RecordConsentArguments {
  /** Pseudonym of the patient, 32 hex digits. */
  readonly subject: string;
  readonly epoch: number;
  /** HMAC-SHA256(salt, canonicalJson(set)) in hex. */
  readonly commitment: string;
}
/** Transient `consents`: the set and the salt (hex, 32 bytes) of its commitment. */
export interface OpenedConsentSet {
  readonly salt: string;
  readonly set: ConsentSet;
}
/** State under `consent/<custodian msp>/<subject>`. */
export interface ConsentHead {
  readonly epoch: number;
  readonly commitment: string;
}

/**
 * Decides and records a whole group of requests in one transaction. On the ledger: pseudonyms, commitments and
 * outcomes only. It reads `policy/<msp>` and each subject's consent head, so a change ordered before it
 * invalidates it (MVCC), and writes one record `disclosure/<msp>/<txId>`.
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

export type { AccessRequest, ConsentSet, OverarchingPolicy };
