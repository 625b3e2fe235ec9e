import { count, list, object, type Shape } from '@chartseal/evidence/shape';
import { subject } from '../transaction/atoms.ts';

/** Subjects that one `custody:keep` may name. */
const MAX_SUBJECTS = 500;

/** `custody:keep`: pseudonyms of patients of the calling organisation whose consent heads are to be kept too. */
export interface KeepArguments {
  readonly subjects: readonly string[];
}
/** Tells how many keys were not under their policy before. */
export interface KeepResult {
  readonly brought: number;
}

export const keepArguments: Shape<KeepArguments> = object({
  subjects: list(subject, MAX_SUBJECTS),
});
export const keepResult: Shape<KeepResult> = object({ brought: count });
