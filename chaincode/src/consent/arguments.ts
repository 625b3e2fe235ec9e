import { count, hash, object, type Shape } from '@chartseal/evidence/shape';
import { msp, ordinal, subject } from '../transaction/atoms.ts';
import type { ConsentSet } from './consent-set.ts';
import { consentSet } from './consent-shape.ts';

/**
 * `consent:record` replaces the whole consent set of one patient of the calling organisation. `epoch` must be the
 * current one plus 1.
 */
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
/** Holds what `consent:record` and `consent:head` return, and the state they keep. */
export interface ConsentHead {
  readonly epoch: number;
  readonly commitment: string;
}

export const recordConsentArguments: Shape<RecordConsentArguments> = object({
  subject,
  epoch: ordinal,
  commitment: hash,
});
export const openedConsentSet: Shape<OpenedConsentSet> = object({ salt: hash, set: consentSet });
export const consentHead: Shape<ConsentHead> = object({ epoch: count, commitment: hash });

/** `consent:head`: whose patient. */
export const headOf: Shape<{ readonly custodian: string; readonly subject: string }> = object({
  custodian: msp,
  subject,
});
/** `consent:policy`: whose policy. */
export const policyOf: Shape<{ readonly custodian: string }> = object({ custodian: msp });
