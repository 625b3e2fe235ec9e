/** The ledger's record of one organisation's evidence log, under the key `logKey(msp)`, in canonical JSON. */
export interface LogState {
  /** Number of leaves. */
  readonly size: number;
  /** RFC 6962 tree head of the first `size` leaves, hex. */
  readonly root: string;
  /** Hashes (hex) of the perfect subtrees that make up the tree, largest first: one per 1-bit of `size`. */
  readonly frontier: readonly string[];
}

/** State key of an organisation's evidence log. */
export function logKey(msp: string): string {
  return `log/${msp}`;
}
