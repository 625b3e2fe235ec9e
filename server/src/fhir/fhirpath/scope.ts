import type { Json } from '../rule.ts';
import type { Item } from './item.ts';

export type Items = readonly Item[];

/** Holds what an expression sees while it is evaluated. */
export interface Scope {
  /** `$this`: the input of the expression, or the item that a criterion is about. */
  readonly here: Items;
  readonly index: number;
  readonly total: Items;
  readonly world: World;
}

/** Holds what is the same for a whole evaluation. */
export interface World {
  /** Names that R4 does not have are errors; otherwise nothing. */
  readonly strict: boolean;
  /** `%name`; undefined where it is not known. */
  readonly variable: (name: string) => Items | undefined;
  /** The target of a reference, as far as it is at hand. */
  readonly resolve: (reference: string, around: Json | undefined) => Item | undefined;
  readonly memberOf: (item: Item, valueSet: string) => boolean | undefined;
  /** Undefined where the profile is not known. */
  readonly conformsTo: (item: Item, profile: string) => boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** @throws when an evaluation takes too much */
  readonly spend: (steps: number) => void;
}

/** A compiled expression: what it makes of its input. */
export type Step = (input: Items, scope: Scope) => Items;
