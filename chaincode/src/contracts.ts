import { ConsentContract } from './consent/contract.ts';
import { DisclosureContract } from './disclosure/contract.ts';
import { LogContract } from './log/contract.ts';

/**
 * The chaincode's contracts by name; each public method that takes a context is a transaction, called as
 * `<contract>:<transaction>`. Arguments are one JSON string (plus raw bytes for `log:append`), secrets travel in the
 * transient map and never reach the ledger. The caller's organisation is taken from its certificate, which must carry
 * `fhir.role=server`.
 *
 *   log:append          args [AppendArguments, raw 32-byte hashes concatenated]      result AppendResult
 *   log:head            args [{ msp }]                                               result LogState | null
 *   consent:record      args [RecordConsentArguments] transient consents, change     result ConsentHead
 *   consent:head        args [{ custodian, subject }]                                result ConsentHead | null
 *   consent:setPolicy   args [OverarchingPolicy]                                     result OverarchingPolicy
 *   consent:policy      args [{ custodian }]                                         result OverarchingPolicy | null
 *   disclosure:disclose args [DiscloseArguments] transient facts                     result DiscloseResult
 */
export const CONTRACT_CLASSES = {
  log: LogContract,
  consent: ConsentContract,
  disclosure: DisclosureContract,
} as const;

export type ContractName = keyof typeof CONTRACT_CLASSES;
