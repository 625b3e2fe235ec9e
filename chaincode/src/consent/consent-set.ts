/** Levels of rules that are evaluated, the root included; what is nested deeper is not accepted, and would deny. */
export const MAX_PROVISION_LEVELS = 8;

/** Codes of http://terminology.hl7.org/CodeSystem/consentaction. */
export const ACTIONS = ['collect', 'access', 'use', 'disclose', 'correct'] as const;

/** Codes of http://hl7.org/fhir/consent-data-meaning. */
export const DATA_MEANINGS = ['instance', 'related', 'dependents', 'authoredby'] as const;

/** A system and a code; the system may be absent. */
export interface Code {
  readonly system?: string;
  readonly code: string;
}

/** Instants, RFC 3339 UTC with milliseconds; `start` inclusive, `end` inclusive; an absent bound is open. */
export interface Interval {
  readonly start?: string;
  readonly end?: string;
}

/** Consent.provision compiled: absent members match anything, listed members match any of their values. */
export interface Provision {
  readonly type?: 'permit' | 'deny';
  readonly period?: Interval;
  /** References (`Organization/pharmacy`, `Practitioner/x`) with their role code when the Consent gives one. */
  readonly actors?: readonly { readonly role?: Code; readonly reference: string }[];
  readonly actions?: readonly string[];
  readonly purposes?: readonly string[];
  /** Resource types. */
  readonly classes?: readonly string[];
  readonly labels?: readonly Code[];
  readonly codes?: readonly Code[];
  readonly dataPeriod?: Interval;
  readonly data?: readonly {
    readonly meaning: (typeof DATA_MEANINGS)[number];
    readonly reference: string;
  }[];
  /** Exceptions to this rule. */
  readonly exceptions: readonly Provision[];
}

/** A FHIR Consent reduced to what the decision needs. */
export interface CompiledConsent {
  /** `Consent/<id>` */
  readonly id: string;
  readonly version: number;
  readonly status: 'draft' | 'proposed' | 'active' | 'rejected' | 'inactive' | 'entered-in-error';
  /** Consent.dateTime as an instant. */
  readonly dateTime?: string;
  /** Base rule of Consent.policyRule (OPTIN, OPTOUT), used when the root provision has no type. */
  readonly policyRule?: 'permit' | 'deny';
  readonly provision?: Provision;
}

/** All consents of one patient, sorted by id: the unit that is committed to on the ledger. */
export interface ConsentSet {
  readonly consents: readonly CompiledConsent[];
}
