/** Holds what every adapter is given by the composition root. */
export interface StoreOptions {
  /** Cryptographically strong random bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Says how long what has been replaced can still be shown by the pages of earlier searches. Absent: for ever. */
  readonly past?: {
    readonly keepMs: number;
    /** Milliseconds of a clock that never goes back. */
    readonly now: () => number;
  };
}
