export type * from './access-request.ts';
export type * from './consent-set.ts';
export type * from './decision.ts';
export * from './transactions.ts';
