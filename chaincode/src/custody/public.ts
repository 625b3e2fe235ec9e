/**
 * Names what others may import of the contract `custody`. Its transactions:
 *
 *   custody:keep       args [{}]                  result KeepResult
 *   custody:keepHeads  args [KeepHeadsArguments]  result KeepResult
 */
export type * from './arguments.ts';
export { keepResult } from './arguments.ts';
