import { count, flag, list, object, type Shape } from '@chartseal/evidence/shape';
import { subject } from '../transaction/atoms.ts';

/** Subjects that one `custody:keepHeads` may name. */
const MAX_SUBJECTS = 500;

/** `custody:keepHeads`: pseudonyms of patients of the calling organisation. */
export interface KeepHeadsArguments {
  readonly subjects: readonly string[];
  /** Keeps a place for heads that are not there yet. */
  readonly reserve: boolean;
}
/** Tells how many keys were not under their policy before. */
export interface KeepResult {
  readonly brought: number;
}

/** `custody:keep` takes nothing. */
export const keepArguments: Shape<object> = object({});
export const keepHeadsArguments: Shape<KeepHeadsArguments> = object({
  subjects: list(subject, MAX_SUBJECTS),
  reserve: flag,
});
export const keepResult: Shape<KeepResult> = object({ brought: count });
