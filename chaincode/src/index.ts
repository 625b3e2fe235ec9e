export type * from './access-request.ts';
export { checkConsent } from './argument-shapes.ts';
export type * from './consent-set.ts';
export * from './decide-access.ts';
export type * from './decision.ts';
export { ContractError, type ContractErrorCode } from './errors.ts';
export * from './evaluate-residual.ts';
export * from './transactions.ts';
