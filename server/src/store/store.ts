import type { AccessWrite, LeafQueue, LeafWrite } from './leaf-queue.ts';
import type { RecordStore, RecordWrite } from './record-store.ts';
import type { VersionStore, VersionWrite } from './version-store.ts';

/** All of it becomes durable and visible together, or none of it. */
export interface WriteSet {
  readonly versions?: readonly VersionWrite[];
  readonly leaves?: readonly LeafWrite[];
  /** They are queued after the leaves. */
  readonly accesses?: readonly AccessWrite[];
  readonly records?: readonly RecordWrite[];
}

/**
 * PORT. What one organisation's server keeps: three roles, each to be handed out alone, joined by one atomic write.
 *
 * Durability: when `write` resolves, the set survives kill -9 and power loss (fsync or majority journal).
 * Atomicity: a set is whole or absent for every reader and after every crash. Concurrent sets may share one fsync.
 * Ordering: leaves are queued in an order consistent with the visibility of their sets.
 * Reads of every role see every set whose `write` resolved before the read began.
 */
export interface Store {
  readonly versions: VersionStore;
  readonly records: RecordStore;
  readonly leaves: LeafQueue;
  /** Tells whether other servers may write to it meanwhile. If not, what was read here stays true until it is written here. */
  readonly shared: boolean;
  /**
   * @throws StoreConflict when a version's predecessor is not current, or an expected record differs, StoreTooLarge;
   * nothing is written
   */
  write(set: WriteSet): Promise<void>;
  /** Rejects with StoreUnavailable unless a durable write is possible now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
