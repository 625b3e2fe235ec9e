/** Says where a ledger call failed. `commit-unknown` is neither success nor failure. */
export type LedgerPhase =
  'endorse' | 'submit' | 'commit-unknown' | 'commit-invalid' | 'unavailable';

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly phase: LedgerPhase;
  readonly txId: string | undefined;
  /** Fabric's validation code for `commit-invalid`, e.g. `MVCC_READ_CONFLICT`. */
  readonly validationCode: string | undefined;
  /** Stable code from the chaincode for `endorse`, e.g. `size-mismatch`. */
  readonly contractCode: string | undefined;

  constructor(
    phase: LedgerPhase,
    message: string,
    facts: { txId?: string; validationCode?: string; contractCode?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause });
    this.phase = phase;
    this.txId = facts.txId;
    this.validationCode = facts.validationCode;
    this.contractCode = facts.contractCode;
  }
}

/** Codes of what stands on the ledger and cannot be what the chaincode wrote. */
const FOREIGN: ReadonlySet<string | undefined> = new Set(['unreadable-result', 'corrupt-state']);

/** Our own peer answered with something that this server never put on the ledger. */
export function isForeign(error: unknown): boolean {
  return error instanceof LedgerError && FOREIGN.has(error.contractCode);
}
