/** A search as the oracle understands it; `url-pairs.ts` writes it as a client would. */
export interface Question {
  readonly type: string;
  readonly criteria: readonly Criterion[];
  readonly sort: readonly SortKey[];
  /** Resources per page. */
  readonly count: number;
  /** Whether what other resources contain is searched, and what stands in the answer for it. */
  readonly contained?: Contained;
  /** Further criteria, by name. */
  readonly query?: Named;
}

/** A named query with the values of its own parameters: https://hl7.org/fhir/R4/search.html#query */
export interface Named {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** https://hl7.org/fhir/R4/search.html#contained */
export interface Contained {
  readonly which: 'true' | 'both' | 'false';
  readonly shown?: 'container' | 'contained';
}

export interface SortKey {
  readonly code: string;
  readonly descending: boolean;
  /** References that lead to the resources whose values count, from the one sorted on. */
  readonly through?: readonly { readonly code: string; readonly type: string }[];
}

export type Criterion =
  | {
      readonly op: 'value';
      readonly code: string;
      readonly modifier?: string;
      /** Any of them. */
      readonly values: readonly Value[];
    }
  | { readonly op: 'filter'; readonly test: FilterTest }
  /** An item of one of these Lists. */
  | { readonly op: 'list'; readonly lists: readonly string[] }
  | { readonly op: 'missing'; readonly code: string; readonly missing: boolean }
  | {
      readonly op: 'chain';
      readonly code: string;
      readonly type: string;
      readonly then: Criterion;
    }
  | {
      readonly op: 'has';
      readonly type: string;
      readonly code: string;
      readonly then: Criterion;
    };

/** What R4's `_filter` can say with the meanings that parameters have elsewhere. */
export type FilterTest =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterTest[] }
  | { readonly kind: 'not'; readonly of: FilterTest }
  | { readonly kind: 'test'; readonly criterion: Extract<Criterion, { op: 'value' | 'missing' }> };

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

export type Value =
  /** `system`: undefined = any, null = none. */
  | { readonly kind: 'token'; readonly system?: string | null; readonly code?: string }
  /** Of string, uri and reference parameters. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'date' | 'number'; readonly prefix?: Prefix; readonly text: string }
  | {
      readonly kind: 'quantity';
      readonly prefix?: Prefix;
      readonly text: string;
      readonly system?: string;
      readonly code?: string;
    }
  | {
      readonly kind: 'of-type';
      readonly system: string;
      readonly code: string;
      readonly value: string;
    }
  | {
      readonly kind: 'near';
      readonly latitude: number;
      readonly longitude: number;
      readonly kilometres: number;
    }
  | { readonly kind: 'composite'; readonly parts: readonly Value[] };
