/**
 * Names what others may import of the contract `consent`. Its transactions:
 *
 *   consent:record     args [RecordConsentArguments] transient consents, change  result ConsentHead
 *   consent:head       args [{ custodian, subject }]                     result ConsentHead | null
 *   consent:setPolicy  args [OverarchingPolicy]                          result OverarchingPolicy
 *   consent:policy     args [{ custodian }]                              result OverarchingPolicy | null
 */
export type * from './arguments.ts';
export { consentHead } from './arguments.ts';
export { checkConsent } from './consent-shape.ts';
export { overarchingPolicy } from './overarching-policy.ts';
