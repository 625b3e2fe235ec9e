import type { Role } from '@chartseal/chaincode';
import type { Scope } from './scopes.ts';

/** Says who is calling, as the verified access token tells, and in which request. References are relative FHIR references. */
export interface Principal {
  /** OAuth client id. */
  readonly client: string;
  /** `sub` of the token. */
  readonly subject: string;
  readonly role: Role;
  /** MSP id and `Organization/…` of the organisation the caller belongs to. */
  readonly msp: string;
  readonly organization: string;
  /** `Practitioner/…` of a person who works for the organisation. */
  readonly practitioner?: string;
  /** `Patient/…` when the caller is a patient, or the launch context of the token. */
  readonly patient?: string;
  readonly scopes: readonly Scope[];
  /** Codes of v3-ActReason; `['TREAT']` unless the token says otherwise. */
  readonly purposes: readonly string[];
  /** Seconds since the epoch. */
  readonly expires: number;
  /** Id of the request, as its answer names it in `X-Request-Id`; absent where the caller is no request's. */
  readonly request?: string;
}
