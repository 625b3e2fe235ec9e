/** Search as plain data. Parsed from a URL by `parse`, narrowed by consent, evaluated by each store's adapter. */
export interface SearchQuery extends TypedFilter {
  /**
   * Further types that are searched together with it, each with a filter of its own. All share one order, one paging
   * and one total: before the id the last key is the name of the type, ascending; parameters in `sort` are then meant by
   * their code in each of the types. A type may come twice: once with `inside`, once without.
   */
  readonly others?: readonly TypedFilter[];
  /**
   * In order of precedence; the resource id is always the last, ascending key, and of the rows that `inside` makes of one
   * resource their places are, so the order is total.
   */
  readonly sort: readonly SortKey[];
  /** Resources per page; 0 asks for the total only. */
  readonly count: number;
  /** Opaque, from the links of a `SearchPage`: another page, as of the same moment. Absent: the first page, as of now. */
  readonly page?: string;
  /** The search is of the moment of `page`, but from the first row on, whatever its place. */
  readonly whole?: true;
  /** Says who searches for what, apart from type and order: a page link opens only together with the same text. */
  readonly boundTo?: string;
  readonly total: 'none' | 'accurate';
}

/** Says what is searched of one type. */
export interface TypedFilter {
  /** Resource type searched. */
  readonly type: string;
  /** Conjunction of all criteria; an empty `and` matches every current, undeleted resource of the type. */
  readonly filter: Filter;
  /**
   * Given: the rows of the answer, which are sorted, counted and paged, are not the resources that satisfy `filter`, but
   * what they contain of this kind, a row for each. `sort`, then `_id` and `_lastUpdated` only, means the container.
   */
  readonly inside?: Contents;
}

/** Contained resources of `type` that satisfy `filter`: see `Inside`. */
export interface Contents {
  readonly type: string;
  readonly filter: Filter;
}

export interface SortKey extends SortValue {
  readonly descending: boolean;
}

export interface SortValue {
  /** `_id`, `_lastUpdated` or the code of a token, string, date, reference, uri, number or quantity parameter. */
  readonly param: string;
  /** A chained key: `param` is a reference, and what counts are the values of the resources it leads to. */
  readonly through?: readonly SortTarget[];
}

/** Current resources of this type, as far as `within` lets them be looked at, and what counts of them. */
export interface SortTarget extends Reach {
  readonly type: string;
  readonly value: SortValue;
}

/** Is what no resource satisfies: nothing may be looked at, or nothing matches. */
export const nothing: Filter = { op: 'or', any: [] };

/** Is what every resource satisfies. */
export const everything: Filter = { op: 'and', all: [] };

export function isNothing(filter: Filter): boolean {
  return filter.op === 'or' && filter.any.length === 0;
}

/** The filter with one more that must hold, if there is one. */
export function narrowedBy(filter: Filter, more: Filter | undefined): Filter {
  return more === undefined ? filter : { op: 'and', all: [filter, more] };
}

/** A criterion on index entries holds when at least one entry of the parameter satisfies it. */
export type Filter =
  | { readonly op: 'and'; readonly all: readonly Filter[] }
  | { readonly op: 'or'; readonly any: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  | { readonly op: 'id'; readonly ids: readonly string[] }
  /** Half-open range of milliseconds since the epoch; an absent bound is open. */
  | { readonly op: 'lastUpdated'; readonly from?: number; readonly to?: number }
  /** `system`: undefined = any, null = none; `code`: undefined = any code of the system. */
  | {
      readonly op: 'token';
      readonly param: string;
      readonly system?: string | null;
      readonly code?: string;
      /** Holds for entries of which the rest of this does not. */
      readonly unequal?: true;
    }
  /**
   * `value` is already folded by `foldPhrase` except for `exact`. `equal`, `less` and `greater` compare it with the whole
   * folded text, by code points.
   */
  | {
      readonly op: 'string';
      readonly param: string;
      readonly match: 'prefix' | 'exact' | 'contains' | 'suffix' | 'equal' | 'less' | 'greater';
      readonly value: string;
    }
  /** Half-open range [from, to) of the value searched for, in ms; compared as R4 search.html#prefix says. */
  | {
      readonly op: 'date';
      readonly param: string;
      readonly prefix: Prefix;
      readonly from: number;
      readonly to: number;
    }
  /** Relative reference `Type/id`, or an absolute URL kept verbatim. */
  | { readonly op: 'reference'; readonly param: string; readonly target: string }
  | {
      readonly op: 'uri';
      readonly param: string;
      readonly match: 'exact' | 'below' | 'above';
      readonly value: string;
    }
  /** Interval [low, high) that the number's precision implies. */
  | {
      readonly op: 'number' | 'quantity';
      readonly param: string;
      readonly prefix: Prefix;
      readonly low: number;
      readonly high: number;
      readonly system?: string;
      readonly code?: string;
    }
  /** A token whose system and code are in one of these lists. `system`: undefined = any, null = none. */
  | {
      readonly op: 'codes';
      readonly param: string;
      readonly lists: readonly CodeList[];
    }
  /**
   * One entry of a composite parameter whose parts satisfy these criteria, one for each part in order. The names of
   * parameters inside of the parts mean nothing.
   */
  | { readonly op: 'composite'; readonly param: string; readonly parts: readonly PartFilter[] }
  /** Positions whose straight distance from a point of the unit sphere is `chord` at most. */
  | ({ readonly op: 'near'; readonly param: string; readonly chord: number } & SpherePoint)
  /** Words that stand beside one another: folded, between blanks. */
  | { readonly op: 'text'; readonly param: string; readonly words: string }
  | { readonly op: 'missing'; readonly param: string; readonly missing: boolean }
  /**
   * Consent narrowing. `in`: every patient of the resource is in the list; `not-in`: none of them is.
   * A resource that concerns no patient passes both.
   */
  | {
      readonly op: 'patients';
      readonly mode: 'in' | 'not-in';
      readonly patients: readonly string[];
    }
  | Link
  | Inside;

/**
 * The resource contains one of `type` that by itself satisfies `filter` (R4 search.html#contained): all of it the same one,
 * judged by its own index entries (`ContainedIndex`); `id` means its local id; links lead from its references. Within
 * there is no `lastUpdated`, `patients`, `referenced`, `text` or `inside`, save in what a link leads to.
 */
export interface Inside extends Contents {
  readonly op: 'inside';
}

export interface CodeList {
  readonly system?: string | null;
  readonly codes: readonly string[];
}

/** Says what one part of a composite parameter is compared with; strings not anywhere inside. */
export type PartFilter =
  | Extract<Filter, { readonly op: Exclude<PartEntry['kind'], 'string'> }>
  | (StringFilter & { readonly match: 'prefix' | 'exact' });

type StringFilter = Extract<Filter, { readonly op: 'string' }>;

/** A point of the unit sphere: z to the north pole, x to where the equator meets the prime meridian. */
export interface SpherePoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Says what of the other type may be looked at. Parsing lets nothing be: the caller's narrowing must be put here. */
interface Reach {
  readonly within: Filter;
}

/** Is what leads to other resources. */
export type Link = Chain | Referenced | Hierarchy;

/**
 * Some reference of `param` points to a current resource of `type` that satisfies `filter`, or the resource itself satisfies
 * `contained`: the same, asked of what lies inside of it.
 */
export interface Chain extends Reach {
  readonly op: 'chain';
  readonly param: string;
  readonly type: string;
  readonly filter: Filter;
  readonly contained?: Filter;
}

/** Some current resource of `type` that satisfies `filter` points here by `param` (`_has`). */
export interface Referenced extends Reach {
  readonly op: 'referenced';
  readonly type: string;
  readonly param: string;
  readonly filter: Filter;
}

/**
 * Some reference of `param` points to a resource of `type` that is `id`, or lies below or above it: step by step along the
 * references of `parent`, each in a current resource that `within` lets be looked at.
 */
export interface Hierarchy extends Reach {
  readonly op: 'hierarchy';
  readonly param: string;
  readonly type: string;
  readonly id: string;
  readonly parent: string;
  readonly direction: 'below' | 'above';
}

/** The prefixes of R4, and `co`: the indexed value contains the one searched for (search_filter.html). */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap' | 'co';

/** Holds what one version contributes to the index; the same for every store. */
export type IndexEntry =
  | PartEntry
  /** Values that stand together on one element, one for each part of the parameter. */
  | { readonly kind: 'composite'; readonly param: string; readonly parts: readonly PartEntry[] }
  | ({ readonly kind: 'position'; readonly param: string } & SpherePoint)
  /** A whole text as its folded words, between blanks. */
  | { readonly kind: 'text'; readonly param: string; readonly words: string };

/** Holds what one contained resource contributes. */
export interface ContainedIndex {
  readonly type: string;
  /** Its own, without `#`; empty where it has none. */
  readonly id: string;
  /** Says which element of `contained` it is, from 0; some may be left out. */
  readonly place: number;
  readonly index: readonly IndexEntry[];
}

/** A single value. */
export type PartEntry =
  | {
      readonly kind: 'token';
      readonly param: string;
      readonly system: string | null;
      readonly code: string;
    }
  | {
      readonly kind: 'string';
      readonly param: string;
      readonly value: string;
      readonly folded: string;
    }
  /** [from, to) in ms since the epoch. Open ends are -8.64e15 and 8.64e15. */
  | { readonly kind: 'date'; readonly param: string; readonly from: number; readonly to: number }
  | { readonly kind: 'reference'; readonly param: string; readonly target: string }
  | { readonly kind: 'uri'; readonly param: string; readonly value: string }
  | { readonly kind: 'number'; readonly param: string; readonly low: number; readonly high: number }
  | {
      readonly kind: 'quantity';
      readonly param: string;
      readonly low: number;
      readonly high: number;
      readonly system: string | null;
      readonly code: string | null;
    };
