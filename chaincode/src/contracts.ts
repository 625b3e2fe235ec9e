import { ConsentContract } from './consent/contract.ts';
import { CustodyContract } from './custody/contract.ts';
import { DisclosureContract } from './disclosure/contract.ts';
import { LogContract } from './log/contract.ts';

/**
 * The chaincode's contracts by name: the one list of them. Each public method that takes a context is a transaction,
 * called as `<contract>:<transaction>`; the contract's `public.ts` names them. Arguments are one JSON string (plus raw
 * bytes for `log:append`), secrets travel in the transient map and never reach the ledger. The caller's organisation is
 * taken from its certificate, which must carry `fhir.role=server`.
 */
export const CONTRACT_CLASSES = {
  log: LogContract,
  consent: ConsentContract,
  custody: CustodyContract,
  disclosure: DisclosureContract,
} as const;

export type ContractName = keyof typeof CONTRACT_CLASSES;
