import type { Code, Interval } from '../consent/consent-set.ts';

/** Criteria on data that the request did not carry; the enforcement point evaluates them on each resource. */
export interface ResidualCriteria {
  readonly labels?: readonly Code[];
  readonly codes?: readonly Code[];
  readonly dataPeriod?: Interval;
  readonly data?: readonly { readonly meaning: string; readonly reference: string }[];
}

/**
 * A rule tree left over after everything known at request time has been decided: when `when` matches the
 * resource (absent = always) the deepest matching exception decides, else `effect`.
 */
export interface ResidualRule {
  readonly effect: 'permit' | 'deny';
  readonly when?: ResidualCriteria;
  readonly exceptions: readonly ResidualRule[];
}

/** Holds what the authority decided. `residual` rules are combined deny-overrides: every one must permit the resource. */
export interface Decision {
  readonly outcome: 'permit' | 'deny';
  /** Stable code: `consent-permit`, `consent-deny`, `policy-permit`, `policy-deny`, `self`, `consent-office`, `access-log`. */
  readonly reason: string;
  /** Names what it rests on: `Consent/x@3` and `policy@1`, sorted. */
  readonly basis: readonly string[];
  readonly residual: readonly ResidualRule[];
}
