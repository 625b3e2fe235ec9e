import type { DatabaseSync } from 'node:sqlite';
import { SearchTooCostly } from '../resource-store.ts';
import { wrap } from './sql.ts';
import type { Sql } from './sql.ts';

/** More work than a query was allowed. */
export class Overspent extends Error {
  override readonly name = 'Overspent';
}

/** Says what it costs to test a row, in rows read from an index: what a test looks at is seldom in memory together. */
export const testCost = 10;

/**
 * Bounds what SQLite may do at one go, since nothing else happens in the process meanwhile: queries call a function for each
 * of the rows they look at, which ends them when the budget is used up. Counted in rows, not in time, so that the same query
 * over the same data has the same outcome however busy the machine is.
 */
export class WorkBudget {
  #left = Infinity;

  constructor(db: DatabaseSync) {
    // Without an argument each, since handing one over costs as much again.
    db.function('tested', { directOnly: true }, () => this.#spend(testCost));
    db.function('passed', { directOnly: true }, () => this.#spend(1));
  }

  #spend(cost: number): 1 {
    this.#left -= cost;
    if (this.#left < 0) throw new Overspent('The query looks at too many rows');
    return 1;
  }

  /** @throws Overspent */
  within<T>(work: number, act: () => T): { readonly result: T; readonly spent: number } {
    this.#left = work;
    try {
      const result = act();
      return { result, spent: work - this.#left };
    } finally {
      this.#left = Infinity;
    }
  }

  /** Does it if that takes no more than this of what is left; undefined when it would. @throws Overspent when nothing is left */
  attempt<T>(work: number, act: () => T): T | undefined {
    const outer = this.#left;
    const own = Math.min(work, outer);
    this.#left = own;
    try {
      return act();
    } catch (error) {
      if (!(error instanceof Overspent) || own === outer) throw error;
      return undefined;
    } finally {
      this.#left += outer - own;
    }
  }
}

/** Values with which a row is compared at the price of one test. */
const perTest = 64;

/** The condition for a row of `resource r`, at the price of as many tests as it is long. */
export function testing(condition: Sql): Sql {
  const tests = 1 + Math.floor(condition.values.length / perTest);
  return wrap('tested() AND '.repeat(tests), condition, '');
}

/** The same of a row of an index. */
export const reading = 'passed() AND ';

/** The result of what is done in steps; others have their turn between them. */
export async function inSteps<T>(
  steps: Generator<undefined, T>,
  use: <R>(act: () => R) => Promise<R>,
): Promise<T> {
  for (;;) {
    const step = await use(() => steps.next());
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Returns what a caller is told instead of an error. */
export function tooMuch(error: unknown): unknown {
  if (!(error instanceof Overspent)) return error;
  return new SearchTooCostly('The search looks at too many resources: add a criterion');
}
