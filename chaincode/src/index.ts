export type * from './access-request.ts';
export type * from './consent-set.ts';
export type * from './decision.ts';
export * from './decide-access.ts';
export * from './evaluate-residual.ts';
export * from './transactions.ts';
