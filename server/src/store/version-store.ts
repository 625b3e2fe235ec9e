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

/** Names one version of one resource. */
export type VersionName = Pick<StoredVersion, 'type' | 'id' | 'version'>;

/** A version to write. `version` is one more than the version it replaces (1 when there was none). */
export interface VersionWrite extends StoredVersion {
  /** Index entries of the resource from now on; empty when deleted. */
  readonly index: readonly IndexEntry[];
  /**
   * Holds what the resource contains, by rising `place`; absent when that is nothing. It is found by `Inside` and
   * `TypedFilter.inside` alone.
   */
  readonly inside?: readonly ContainedIndex[];
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
  /**
   * Is there for a search of `whole`: as `SearchQuery.page` of another search with this order it makes that one begin as
   * of the same moment.
   */
  readonly moment?: string;
  readonly total?: number;
}

/** Says which versions of the whole store are asked for, deletions included. */
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

/**
 * PORT. Finds resource versions, by their names, by their index, and by the order in which they came; `Store.write` adds them.
 *
 * Durability and atomicity: a version is as durable as the set that wrote it, and is seen with all of that set or not at all.
 * Ordering: a read sees every set whose `write` resolved before the read began.
 * Nothing here knows about consent or the ledger; bodies are opaque.
 */
export interface VersionStore {
  /** The current version, deletions included; undefined when the resource never existed. */
  current(type: string, id: string): Promise<StoredVersion | undefined>;
  version(type: string, id: string, version: number): Promise<StoredVersion | undefined>;
  /**
   * Current versions, deletions included, of those of these resources that have a newer one than is named: one for each
   * resource, in no order. Of many at once.
   */
  newerThan(named: readonly VersionName[]): Promise<readonly StoredVersion[]>;
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
  /** Explains how it would search, for each of the types. @throws SearchTooCostly */
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
}
