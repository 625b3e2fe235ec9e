/** Says why a call is refused. Stable: callers branch on these, never on the text. */
export type ContractErrorCode =
  | 'argument-count'
  | 'argument-too-large'
  | 'malformed-json'
  | 'invalid-argument'
  | 'missing-transient'
  | 'caller-not-allowed'
  | 'size-mismatch'
  | 'epoch-mismatch'
  | 'version-mismatch'
  | 'commitment-mismatch'
  | 'writer-not-entitled'
  | 'writer-favoured'
  | 'writer-denied'
  | 'corrupt-state'
  | 'unknown-transaction';

/** Refuses a transaction. The peer carries the message to the client: `<code>: text`, with no value of an argument in it. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: ContractErrorCode;

  constructor(code: ContractErrorCode, text: string) {
    super(`${code}: ${text}`);
    this.code = code;
  }
}
