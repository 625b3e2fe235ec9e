import type { LeafKind } from '@chartseal/evidence';

/** A leaf to queue for the ledger, in the order of the writes. */
export interface LeafWrite {
  /** Unique, chosen by the caller. */
  readonly id: string;
  readonly kind: LeafKind;
  /** Pseudonym of the patient, for the access log. */
  readonly subject?: string;
  /** Exact bytes of the leaf, and its RFC 6962 hash (32 bytes). */
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** Salt of its commitment (32 bytes). */
  readonly salt: Uint8Array;
  /** Holds what is committed to besides a resource version: its author, the detail of an access, a consent set. */
  readonly content?: Uint8Array;
}

/** The last access of a subject: `seq` is its place in the subject's chain, from 0. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** An access to queue as the next leaf of its subject's chain. */
export interface AccessWrite extends Omit<LeafWrite, 'bytes' | 'hash'> {
  readonly subject: string;
  /** Makes the leaf that follows the last one, undefined for the first; asked anew whenever the store begins anew. */
  readonly following: (last: ChainHead | undefined) => Pick<LeafWrite, 'bytes' | 'hash'>;
}

export interface StoredLeaf extends LeafWrite {
  /** Position in the organisation's log, once the append that carries it has been prepared. */
  readonly index?: number;
  /** Ledger transaction that appended it, once VALID; `size` is the log's size after that transaction. */
  readonly anchored?: { readonly txId: string; readonly size: number };
}

/** A leaf that waits for its batch: what the append to the ledger needs of it. */
export type QueuedLeaf = Pick<StoredLeaf, 'id' | 'hash'>;

/** A group of leaves on its way to the ledger: leaf `leaves[i]` has index `firstIndex + i`. */
export interface LeafBatch {
  readonly txId: string;
  /** The signed transaction, to be submitted again after a crash. */
  readonly signed: Uint8Array;
  readonly firstIndex: number;
  readonly leaves: readonly string[];
}

/**
 * PORT. Keeps the leaves of one organisation's log and the batches that carry them to the ledger; `Store.write` adds leaves.
 *
 * Durability: what `openBatch` and `closeBatch` did survives kill -9 and power loss once they resolve.
 * Atomicity: a batch is opened or closed with all of its leaves, or not at all. There is never more than one under way.
 * Ordering: the queue has an order consistent with the visibility of the sets that wrote its leaves, and keeps it.
 * Chains: the store puts each access behind the last one that is stored, whichever server wrote it, so that the chain of a
 * subject has every place once. What earlier versions forked stays readable, and goes on from its highest place.
 */
export interface LeafQueue {
  leaf(id: string): Promise<StoredLeaf | undefined>;
  /** The chain of a subject, in the order of its places; `part`: so many of it from a position on, which counts from 0. */
  accesses(
    subject: string,
    part?: { readonly from: number; readonly count: number },
  ): Promise<readonly StoredLeaf[]>;
  /** The last of the chain, without reading the rest. */
  lastAccess(subject: string): Promise<StoredLeaf | undefined>;

  /** Leaves that are in no batch and not anchored, in queue order. */
  queued(limit: number): Promise<readonly QueuedLeaf[]>;
  /** Number of leaves not anchored yet. */
  backlog(): Promise<number>;
  /** The batch under way, if any. */
  batch(): Promise<LeafBatch | undefined>;
  /** Durably record the batch before it is submitted. @throws StoreConflict when one is under way */
  openBatch(batch: LeafBatch): Promise<void>;
  /** The batch's transaction is VALID: its leaves are anchored. `undefined` outcome: it had no effect, its leaves are queued again in their old order. */
  closeBatch(txId: string, anchored: { readonly size: number } | undefined): Promise<void>;

  /** Hashes (32 bytes each, concatenated) of the leaves with index in [from, to). All must be anchored or in the batch. */
  leafHashes(from: number, to: number): Promise<Uint8Array>;
  /** Number of leaves anchored so far. */
  anchoredSize(): Promise<number>;
}
