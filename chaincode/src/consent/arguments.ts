import { count, hash, object, type Shape } from '@chartseal/evidence/shape';
import { msp, ordinal, subject } from '../transaction/atoms.ts';
import type { ConsentSet } from './consent-set.ts';
import { consentSet } from './consent-shape.ts';
import { consentWriter, type ConsentWriter } from './consent-writer.ts';

/**
 * `consent:record` replaces the whole consent set of one patient of the calling organisation. `epoch` must be the
 * current one plus 1. Who changes it is committed to, so that it can be shown afterwards whom the peers judged.
 */
export interface RecordConsentArguments {
  /** Pseudonym of the patient, 32 hex digits. */
  readonly subject: string;
  readonly epoch: number;
  /** HMAC-SHA256(salt, canonicalJson(set)) in hex. */
  readonly commitment: string;
  /** HMAC-SHA256(salt, canonicalJson(ConsentWriter)) in hex, by the salt of the set. */
  readonly writer: string;
}
/** Transient `consents`: the set and the salt (hex, 32 bytes) of its commitment. */
export interface OpenedConsentSet {
  readonly salt: string;
  readonly set: ConsentSet;
}
/** Transient `change`: who changes the set, and what opens the one that the ledger holds, if it holds one. */
export interface OpenedConsentChange {
  readonly writer: ConsentWriter;
  readonly before?: OpenedConsentSet;
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
  writer: hash,
});
export const openedConsentSet: Shape<OpenedConsentSet> = object({ salt: hash, set: consentSet });
export const openedConsentChange: Shape<OpenedConsentChange> = object(
  { writer: consentWriter },
  { before: openedConsentSet },
);
export const consentHead: Shape<ConsentHead> = object({ epoch: count, commitment: hash });

/** `consent:head`: whose patient. */
export const headOf: Shape<{ readonly custodian: string; readonly subject: string }> = object({
  custodian: msp,
  subject,
});
/** `consent:policy`: whose policy. */
export const policyOf: Shape<{ readonly custodian: string }> = object({ custodian: msp });
