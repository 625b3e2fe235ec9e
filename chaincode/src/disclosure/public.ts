/**
 * Names what others may import of the contract `disclosure`. Its transaction:
 *
 *   disclosure:disclose  args [DiscloseArguments] transient facts  result DiscloseResult
 */
export type * from './arguments.ts';
export { discloseResult } from './arguments.ts';
