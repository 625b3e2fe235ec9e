import { Overspent } from './work-budget.ts';
import type { WorkBudget } from './work-budget.ts';

/** Says how many numbers of rows one step covers at most, what it costs to pass them over, and what a step may cost. */
const widest = 5_000;
const passing = 1_000;
const stepWork = 100_000;
/** Parts of all the rows that are gone through one by one, and how many rows there are in each at least. */
const mostParts = 64;
const leastRows = 64;
/** After so much, half of it in windows that were done, it is known what everything will cost. */
const knownAfter = 400_000;

/** Says what may still be spent on all steps together. */
export interface Allowance {
  work: number;
}

/**
 * Does something for every window of the numbers up to `newest`, one step each, in no particular order: narrower windows
 * where much is looked at for each row. They are taken from everywhere, so that soon those that were looked at stand for
 * all: what will cost more than is left ends early.
 * @throws Overspent
 */
export function* inWindows(
  budget: WorkBudget,
  newest: number,
  left: Allowance,
  act: (start: number, end: number) => void,
): Generator<undefined, void> {
  const before = left.work;
  let width = widest;
  let covered = 0;
  let covering = 0;
  for (const [first, beyond] of scattered(newest + 1)) {
    for (let start = first; start < beyond;) {
      yield undefined;
      const end = Math.min(start + width, beyond);
      try {
        const work = passing + budget.within(stepWork, () => act(start, end)).spent;
        left.work -= work;
        covering += work;
        covered += end - start;
        start = end;
        width = Math.min(widest, 2 * width);
      } catch (error) {
        if (!(error instanceof Overspent) || width === 1) throw error;
        left.work -= stepWork;
        width = Math.ceil(Math.min(width, end - start) / 8);
      }
      const spent = before - left.work;
      // Work that was spent on windows that were too wide is not spent again.
      const all = spent - covering + covering * ((newest + 1) / covered);
      const known = spent > knownAfter && covering > knownAfter / 2;
      if (left.work < 0 || (known && all > before)) {
        throw new Overspent('All steps together look at too many rows');
      }
    }
  }
}

/** All numbers below `end` in parts of which each next lies far from those before. */
function* scattered(end: number): Generator<readonly [start: number, end: number]> {
  let bits = 0;
  while (2 ** (bits + 1) <= Math.min(mostParts, end / leastRows)) bits += 1;
  const parts = 2 ** bits;
  const borderOf = (part: number): number => Math.floor((part * end) / parts);
  for (let i = 0; i < parts; i += 1) {
    let part = 0;
    for (let bit = 0; bit < bits; bit += 1) part = 2 * part + ((i >> bit) & 1);
    yield [borderOf(part), borderOf(part + 1)];
  }
}
