export type * from './consent/arguments.ts';
export { consentHead } from './consent/arguments.ts';
export { checkConsent } from './consent/consent-shape.ts';
export * from './consent/consent-set.ts';
export * from './consent/overarching-policy.ts';
export type { ContractName } from './contracts.ts';
export {
  ROLES,
  type AccessRequest,
  type Action,
  type Actor,
  type Role,
} from './decide/access-request.ts';
export * from './decide/decide-access.ts';
export type * from './decide/decision.ts';
export * from './decide/evaluate-residual.ts';
export {
  canonicalLabel,
  CONFIDENTIALITY_LEVELS,
  isConfidentiality,
} from './decide/security-label.ts';
export { CONFIDENTIALITY } from './decide/label-systems.ts';
export { USER_ROLES } from './decide/match-request.ts';
export type * from './disclosure/arguments.ts';
export { discloseResult } from './disclosure/arguments.ts';
export type * from './log/arguments.ts';
export { appendResult, logState } from './log/arguments.ts';
export { ContractError, type ContractErrorCode } from './transaction/errors.ts';
