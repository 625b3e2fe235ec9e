/** What every adapter is given by the composition root. */
export interface StoreOptions {
  /** Cryptographically strong random bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
}
