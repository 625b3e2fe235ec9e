import type { Constraint } from '../definitions.ts';

/** Holds what a profile adds to the rules of R4, compiled. Elements to which it adds nothing are left out. */
export interface Profile {
  readonly url: string;
  /** The R4 type it is about. */
  readonly type: string;
  readonly title: string;
  readonly root: ElementRule;
  /** Says where an extension may be used. */
  readonly contexts: readonly Context[];
}

export interface Context {
  readonly type: 'fhirpath' | 'element' | 'extension';
  readonly expression: string;
}

export interface ElementRule {
  /** Id of the element in the profile, e.g. `Patient.extension:race`. */
  readonly id: string;
  /** Absent: as many as R4 wants. */
  readonly min?: number;
  readonly max?: number;
  /** Absent: all that R4 allows. */
  readonly types?: ReadonlySet<string>;
  readonly value?: ValueRule;
  readonly binding?: Binding;
  readonly constraints: readonly Constraint[];
  /** Profiles on the element itself, by its type: one of them must hold. */
  readonly profiles: ReadonlyMap<string, readonly string[]>;
  /** Profiles of which the target of a reference must meet one. */
  readonly targets?: readonly string[];
  readonly groups: readonly Group[];
}

export interface ValueRule {
  readonly kind: 'fixed' | 'pattern';
  readonly value: unknown;
}

export interface Binding {
  readonly strength: 'required' | 'extensible';
  readonly valueSet: string;
}

/** The elements of one name. */
export interface Group {
  /** Without `[x]`. */
  readonly name: string;
  /** Says what holds of each of them. */
  readonly each: ElementRule;
  readonly slicing?: Slicing;
}

export interface Slicing {
  readonly rules: 'open' | 'closed' | 'openAtEnd';
  readonly ordered: boolean;
  readonly slices: readonly Slice[];
}

export interface Slice {
  readonly name: string;
  readonly rule: ElementRule;
  /** Undefined: nothing tells which items are meant. */
  readonly discriminators: readonly Discriminator[] | undefined;
  /** Slices of this slice. */
  readonly slicing?: Slicing;
}

export interface Discriminator {
  /** Element names, `resolve()`, `ofType(X)` and `extension(url)`; empty for `$this`. */
  readonly path: readonly string[];
  readonly expects:
    | { readonly kind: 'value'; readonly test: ValueTest }
    | { readonly kind: 'exists'; readonly present: boolean }
    | { readonly kind: 'type'; readonly types: ReadonlySet<string> }
    | { readonly kind: 'profile'; readonly profiles: readonly string[] };
}

/** Says what the value at the end of a discriminator's path has to be. */
export interface ValueTest {
  readonly value?: ValueRule;
  readonly binding?: string;
  /** By element name; one item of that name must pass. */
  readonly inner: readonly (readonly [name: string, test: ValueTest])[];
}
