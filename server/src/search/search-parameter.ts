import type { CodeSystems } from './code-systems.ts';
import type { ElementPath } from './expression/element-path.ts';
import type { IndexedType } from './finding.ts';

/** A search parameter that is backed by index entries. */
export interface SearchParameter {
  readonly code: string;
  readonly type: IndexedType | 'composite';
  readonly url: string;
  readonly paths: readonly ElementPath[];
  /** Types a reference may point to; empty: any. */
  readonly targets: readonly string[];
  /** For tokens whose values name no system themselves. Undefined for other parameters. */
  readonly implied?: CodeSystems;
  /** Tokens whose every value is a `string`, or a ContactPoint's: compared without case (R4 search.html#token). */
  readonly caseless?: true;
  /** Describes a composite parameter, whose own `paths` are empty. */
  readonly composite?: Composite;
  /** Its values are whole resources, whose own parameters are indexed under `<code>.<theirs>`. */
  readonly embedded?: true;
}

export interface Composite {
  /** Says what each part is compared as; the code is that of the whole. */
  readonly parts: readonly (SearchParameter & { readonly type: IndexedType })[];
  /** Says where the parts stand together. */
  readonly groups: readonly CompositeGroup[];
}

export interface CompositeGroup {
  readonly at: ElementPath;
  /** One for each part: from the element on, or from the resource. */
  readonly parts: readonly {
    readonly paths: readonly ElementPath[];
    readonly ofResource: boolean;
  }[];
}
