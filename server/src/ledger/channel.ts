import type { ContractName } from '@chartseal/chaincode';
import type { LedgerProof, TrustAnchors } from '@chartseal/evidence';

/** A call of the chaincode, e.g. contract `log`, transaction `append`. */
export interface Call {
  readonly contract: ContractName;
  readonly transaction: string;
  readonly args: readonly (string | Uint8Array)[];
  /** Seen by the endorsing peers, never written to the ledger. */
  readonly transient?: Readonly<Record<string, string | Uint8Array>>;
  /**
   * Says who must endorse besides our own peer: one other where every key it writes is under our own policy, the auditor
   * for our overarching policy. Not given: as many as a key without a policy of its own asks for.
   */
  readonly endorsement?: Endorsement;
}
export type Endorsement = 'one-other' | 'auditor';

/** An endorsed and signed transaction: `bytes` can be kept and submitted again after a crash, with the same effect at most once. */
export interface PreparedTransaction {
  readonly txId: string;
  readonly bytes: Uint8Array;
  readonly result: Uint8Array;
}

/** A transaction that has its place in a block. */
export interface CommittedTransaction {
  readonly txId: string;
  readonly block: number;
}

/**
 * PORT. The channel `records` as one organisation's server sees it, signing with that organisation's identity.
 * Every method has a deadline of its own (15 s at most in all) and fails with a LedgerError that names the phase.
 *
 * @rule Fabric channel
 */
export interface Channel {
  readonly kind: 'fabric' | 'embedded';
  /** MSP id this channel signs as. */
  readonly msp: string;

  /** Ask for endorsements by our own organisation and others. Nothing is ordered yet. Phase `endorse` or `unavailable`. */
  prepare(call: Call): Promise<PreparedTransaction>;

  /**
   * Order the transaction and wait until it is VALID on our own peer. Submitting the same bytes again is safe: the
   * transaction takes effect once, and the promise settles by its outcome. Fails with `commit-invalid` (code in
   * `validationCode`, e.g. MVCC_READ_CONFLICT) when it was ordered and had no effect, `submit` when the orderers
   * surely did not take it, `commit-unknown` when nobody knows: ask `outcome`, never assume.
   */
  submit(prepared: Pick<PreparedTransaction, 'txId' | 'bytes'>): Promise<CommittedTransaction>;

  /**
   * Returns what became of a transaction: its place when VALID, `undefined` when our peer has no such transaction (it may
   * still be under way), LedgerError `commit-invalid` when it was ordered without effect.
   */
  outcome(txId: string): Promise<CommittedTransaction | undefined>;

  /** Ask our own peer; not ordered, not recorded, possibly behind. Never decides a disclosure. */
  evaluate(call: Call): Promise<Uint8Array>;

  /** The block that holds a VALID transaction, for an evidence bundle. */
  proof(txId: string): Promise<LedgerProof>;

  /** The channel's trust anchors as this server knows them. */
  trust(): Promise<TrustAnchors>;

  /** Resolves when an endorsement by as many organisations as any call asks is possible now; rejects with `unavailable` otherwise. */
  ready(): Promise<void>;

  close(): Promise<void>;
}
