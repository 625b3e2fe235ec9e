import { object, oneOf, text, type Shape } from '@chartseal/evidence/shape';
import { ordinal } from '../transaction/atoms.ts';

/** The four implicit policies of IHE's Privacy Consent on FHIR. */
export const IMPLICIT_POLICIES = [
  'basic-normal',
  'all-normal',
  'break-glass-only',
  'deny',
] as const;
export type ImplicitPolicy = (typeof IMPLICIT_POLICIES)[number];

/** The policy of a custodian, used where no consent applies; recorded on the ledger in clear. */
export interface OverarchingPolicy {
  readonly version: number;
  readonly implicit: ImplicitPolicy;
  /** The custodian's own `Organization/…`. */
  readonly organization: string;
}

export const overarchingPolicy: Shape<OverarchingPolicy> = object({
  version: ordinal,
  implicit: oneOf(...IMPLICIT_POLICIES),
  organization: text(/^Organization\/[A-Za-z0-9.-]{1,64}$/, 'Organization/<id>'),
});
