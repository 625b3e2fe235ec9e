import type { Terminology } from '../../fhir/terminology/terminology.ts';
import type { Filter } from '../query.ts';
import type { Registry, SearchParameter } from '../registry.ts';

export interface ParseOptions {
  /** Says what to do with parameters that are not known (R4 http `Prefer: handling=`). */
  readonly handling: 'strict' | 'lenient';
  /** Our own base URL, without a trailing slash. */
  readonly baseUrl: string;
  readonly defaultCount: number;
  readonly maxCount: number;
  /** Answers `:in`, `:not-in`, `:above` and `:below`. */
  readonly terminology: Terminology;
}

export interface Criterion {
  readonly kind: 'criterion';
  readonly code: string;
  /** Its matches lie within what it names; false of `:not` and `:missing`. */
  readonly positive: boolean;
  readonly filter: Filter;
}

export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: string;
}

/** One value of a criterion, with what it belongs to. */
export interface ValueContext {
  /** Is the type of the resources that are searched. */
  readonly type: string;
  readonly parameter: SearchParameter;
  readonly modifier: string | undefined;
  readonly baseUrl: string;
  readonly isType: (name: string) => boolean;
  readonly terminology: Terminology;
  readonly registry: Registry;
}
