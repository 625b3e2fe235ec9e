import { Overspent } from './work-budget.ts';
import type { WorkBudget } from './work-budget.ts';

/** How many numbers of rows one step covers at most, what it costs to pass them over, and what a step may cost. */
const widest = 5_000;
const passing = 1_000;
const stepWork = 100_000;

/** What may still be spent on all steps together. */
export interface Allowance {
  work: number;
}

/**
 * Does something for every window of the numbers up to `newest`, one step each: narrower windows where much is looked at
 * for each row.
 * @throws Overspent
 */
export function* inWindows(
  budget: WorkBudget,
  newest: number,
  left: Allowance,
  act: (start: number, end: number) => void,
): Generator<undefined, void> {
  let width = widest;
  for (let start = 0; start <= newest;) {
    yield undefined;
    const end = start + width;
    try {
      left.work -= passing + budget.within(stepWork, () => act(start, end)).spent;
      start = end;
      width = Math.min(widest, 2 * width);
    } catch (error) {
      if (!(error instanceof Overspent) || width === 1) throw error;
      left.work -= stepWork;
      width = Math.ceil(width / 8);
    }
    if (left.work < 0) throw new Overspent('All steps together look at too many rows');
  }
}
