/**
 * Names what others may import of the contract `log`. Its transactions:
 *
 *   log:append  args [AppendArguments, raw 32-byte hashes concatenated]  result AppendResult
 *   log:head    args [{ msp }]                                           result LogState | null
 */
export type * from './arguments.ts';
export { appendResult, logState } from './arguments.ts';
