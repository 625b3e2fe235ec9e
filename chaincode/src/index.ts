/** The decision and its words, common to all contracts; the calls of one contract are `@chartseal/chaincode/<contract>`. */
export * from './consent/consent-set.ts';
export { refuseWriter, type ConsentWriter, type WriterRefusal } from './consent/consent-writer.ts';
export {
  IMPLICIT_POLICIES,
  type ImplicitPolicy,
  type OverarchingPolicy,
} from './consent/overarching-policy.ts';
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
export { isPurposeWithin } from './decide/purpose-of-use.ts';
export { ContractError, type ContractErrorCode } from './transaction/errors.ts';
