import { count, hash, list, object, type Shape } from '@chartseal/evidence/shape';
import type { LogState } from '@chartseal/evidence';
import { msp } from '../transaction/atoms.ts';

/** `log:append`: at most 2,000 hashes per call. Fails with `size-mismatch` unless the log holds exactly `prevSize` leaves. */
export interface AppendArguments {
  readonly prevSize: number;
}
export interface AppendResult {
  readonly size: number;
  /** hex */
  readonly root: string;
}

export const appendArguments: Shape<AppendArguments> = object({ prevSize: count });
export const appendResult: Shape<AppendResult> = object({ size: count, root: hash });

/** `log:head`: whose log. */
export const logOf: Shape<{ readonly msp: string }> = object({ msp });
export const logState: Shape<LogState> = object({
  size: count,
  root: hash,
  // A log of 2^53 leaves has no more subtrees.
  frontier: list(hash, 53),
});
