import type { LeafKind } from '@chartseal/evidence';
import type { ContainedIndex, Filter, IndexEntry, SearchQuery } from '../search/query.ts';
import type { Explanation } from './explanation.ts';

/** A version as it is kept: immutable once written. */
export interface StoredVersion {
  readonly type: string;
  readonly id: string;
  /** 1, 2, 3 … without gaps. */
  readonly version: number;
  readonly deleted: boolean;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** Exact bytes served to clients, opaque to the store; empty when deleted. */
  readonly body: Uint8Array;
  /** Ids of the patients whose compartments hold this resource, sorted; empty when it concerns none. */
  readonly patients: readonly string[];
  /** Id of the version's leaf. */
  readonly leaf: string;
}

/** A version to write. `version` is one more than the version it replaces (1 when there was none). */
export interface VersionWrite extends StoredVersion {
  /** Index entries of the resource from now on; empty when deleted. */
  readonly index: readonly IndexEntry[];
  /** What the resource contains, by rising `place`; absent when that is nothing. It is found by `Inside` and `TypedFilter.inside` alone. */
  readonly inside?: readonly ContainedIndex[];
}

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
  /** The committed content where it is not a resource version: the detail of an access, a consent set. */
  readonly content?: Uint8Array;
}

export interface StoredLeaf extends LeafWrite {
  /** Position in the organisation's log, once the append that carries it has been prepared. */
  readonly index?: number;
  /** Ledger transaction that appended it, once VALID; `size` is the log's size after that transaction. */
  readonly anchored?: { readonly txId: string; readonly size: number };
}

/** A small named value that must change together with versions: consent sets, secrets, transactions under way. */
export interface RecordWrite {
  readonly collection: string;
  readonly key: string;
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
  /** When given, the write set fails with StoreConflict unless the record holds exactly these bytes now (null = absent). */
  readonly expected?: Uint8Array | null;
}

/** All of it becomes durable and visible together, or none of it. */
export interface WriteSet {
  readonly versions?: readonly VersionWrite[];
  readonly leaves?: readonly LeafWrite[];
  readonly records?: readonly RecordWrite[];
}

/** Values for `SearchQuery.page`. All are absent when there is one page only; `first` and `last` are there otherwise. */
export interface PageLinks {
  readonly first?: string;
  readonly previous?: string;
  readonly next?: string;
  readonly last?: string;
}

export interface SearchPage {
  /** One for each row of the page: rows of one version share one object. */
  readonly matches: readonly StoredVersion[];
  /**
   * Present when something of the query has `inside`, of the length of `matches`: the place in `contained` that makes the
   * version a row; null where the version itself is it.
   */
  readonly places?: readonly (number | null)[];
  readonly links: PageLinks;
  /** Of a search of `whole`: value for `SearchQuery.page` of another with this order, which then begins as of the same moment. */
  readonly moment?: string;
  readonly total?: number;
}

/** Which versions, deletions included, of the whole store. */
export interface ChangeQuery {
  /** Absent: of every type. */
  readonly types?: readonly string[];
  /** Written at or after this, in ms since the epoch. */
  readonly since?: number;
  /** Current at some instant of [from, to), in ms since the epoch. */
  readonly at?: { readonly from: number; readonly to: number };
  /** Judged on each version's own patients: made of `and`, `or`, `not` and `patients` only. */
  readonly narrowed?: Filter;
  readonly count: number;
  /** Opaque, from `ChangePage.next`: continues with what was committed before. */
  readonly page?: string;
  /** As in SearchQuery. */
  readonly boundTo?: string;
}

export interface ChangePage {
  readonly versions: readonly StoredVersion[];
  /** Present when there are more. */
  readonly next?: string;
}

/** At most `count` rows, in the order of their ids, after `after`. */
export interface ScanPage {
  readonly count: number;
  readonly after?: string;
}

/** A group of leaves on its way to the ledger: leaf `leaves[i]` has index `firstIndex + i`. */
export interface LeafBatch {
  readonly txId: string;
  /** The signed transaction, to be submitted again after a crash. */
  readonly signed: Uint8Array;
  readonly firstIndex: number;
  readonly leaves: readonly string[];
}

/** Another write won: the version to be replaced, or an expected record, is not what the caller saw. Retry from reading. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
}

/** A search whose evaluation would take too much: chains through too many resources. */
export class SearchTooCostly extends RangeError {
  override readonly name = 'SearchTooCostly';
}

/** A page link of this store whose moment lies too far back to be shown any more. */
export class PageExpired extends RangeError {
  override readonly name = 'PageExpired';
}

/** A version with its index is more than the store can hold of one resource; nothing was written. */
export class StoreTooLarge extends Error {
  override readonly name = 'StoreTooLarge';
}

/** The store cannot be used now; nothing is known to be lost. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * PORT. Keeps resource versions, their index, the leaf queue and small records of one organisation's server.
 *
 * Durability: when `write` resolves, the set survives kill -9 and power loss (fsync or majority journal).
 * Atomicity: a set is whole or absent for every reader and after every crash. Concurrent sets may share one fsync.
 * Ordering: leaves are queued in an order consistent with the visibility of their sets.
 * Reads see every set whose `write` resolved before the read began.
 * Nothing here knows about consent or the ledger; bodies and contents are opaque.
 */
export interface ResourceStore {
  /** @throws StoreConflict when a version's predecessor is not current, or an expected record differs, StoreTooLarge; nothing is written */
  write(set: WriteSet): Promise<void>;

  /** The current version, deletions included; undefined when the resource never existed. */
  current(type: string, id: string): Promise<StoredVersion | undefined>;
  version(type: string, id: string, version: number): Promise<StoredVersion | undefined>;
  /** Newest first, at most `count`, only versions below `before` when given. */
  history(
    type: string,
    id: string,
    page: { count: number; before?: number },
  ): Promise<readonly StoredVersion[]>;
  historyCount(type: string, id: string): Promise<number>;
  /**
   * Undeleted resources that match, current when the first page was asked for: each further page, in either direction,
   * answers as of that commit, whatever is written meanwhile, in the versions of then, links and total included.
   * A `page` that this store did not make for this search is a RangeError.
   * @throws SearchTooCostly, PageExpired
   */
  search(query: SearchQuery): Promise<SearchPage>;
  /** How it would search, for each of the types. @throws SearchTooCostly */
  explain(query: SearchQuery): Promise<readonly Explanation[]>;
  /**
   * Current, undeleted resources of a type in the order of their ids, only those after an id when given. For the store's own
   * upkeep: what it gives is shown to nobody.
   */
  scan(type: string, page: ScanPage): Promise<readonly StoredVersion[]>;
  /** Replaces the index of versions, of those that are still current; pages of earlier searches may see it. */
  reindex(versions: readonly VersionWrite[]): Promise<void>;
  /**
   * Codes that resources of a type are indexed with as tokens of a parameter, but for those already `known`: of parameters
   * with few of them. Codes of what was replaced lately may be among them.
   */
  codes(type: string, param: string, known: ReadonlySet<string>): Promise<readonly string[]>;
  /** Types of which anything was ever written. */
  types(): Promise<ReadonlySet<string>>;
  /**
   * Versions in the order in which they were committed, newest first: those of one resource in the order of their numbers.
   * A `page` that this store did not make for this query is a RangeError; it never expires.
   */
  changes(query: ChangeQuery): Promise<ChangePage>;

  record(collection: string, key: string): Promise<Uint8Array | undefined>;
  /** All records of a collection, by key. */
  records(collection: string): Promise<ReadonlyMap<string, Uint8Array>>;

  leaf(id: string): Promise<StoredLeaf | undefined>;
  /** Disclosure and denial leaves of a subject, in queue order. */
  accesses(subject: string): Promise<readonly StoredLeaf[]>;
  /** The newest of them, without reading the rest. */
  lastAccess(subject: string): Promise<StoredLeaf | undefined>;
  /** Leaves that are in no batch and not anchored, in queue order. */
  queued(limit: number): Promise<readonly { readonly id: string; readonly hash: Uint8Array }[]>;
  /** Number of leaves not anchored yet. */
  backlog(): Promise<number>;
  /** The batch under way, if any: there is never more than one. */
  batch(): Promise<LeafBatch | undefined>;
  /** Durably record the batch before it is submitted. @throws StoreConflict when one is under way */
  openBatch(batch: LeafBatch): Promise<void>;
  /** The batch's transaction is VALID: its leaves are anchored. `undefined` outcome: it had no effect, its leaves are queued again in their old order. */
  closeBatch(txId: string, anchored: { readonly size: number } | undefined): Promise<void>;
  /** Hashes (32 bytes each, concatenated) of the leaves with index in [from, to). All must be anchored or in the batch. */
  leafHashes(from: number, to: number): Promise<Uint8Array>;
  /** Number of leaves anchored so far. */
  anchoredSize(): Promise<number>;

  /** Rejects with StoreUnavailable unless a durable write is possible now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
