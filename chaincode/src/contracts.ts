import { ConsentContract } from './consent-contract.ts';
import { DisclosureContract } from './disclosure-contract.ts';
import { LogContract } from './log-contract.ts';
import { CONTRACTS } from './transactions.ts';

/** The chaincode's contracts by name; each public method that takes a context is a transaction. */
export const CONTRACT_CLASSES = {
  [CONTRACTS.log]: LogContract,
  [CONTRACTS.consent]: ConsentContract,
  [CONTRACTS.disclosure]: DisclosureContract,
} as const;
