import type { Explanation } from '../explanation.ts';
import type { Filter } from '../../search/query.ts';
import type { Scope } from './criterion-sql.ts';
import { candidates } from './filter-sql.ts';
import { insideCandidates } from './inside-sql.ts';
import type { Driver } from './sources-sql.ts';
import type { Candidates, Sql } from './sql.ts';
import type { Statements } from './statements.ts';
import type { WorkBudget } from './work-budget.ts';

/** A criterion with this few candidates is taken at once; with that many it does not count as selective. */
const few = 24;
/**
 * Bounds what one bounded look may cost: where candidates are that hard to find, the criterion does not count as
 * selective.
 */
const lookWork = 60_000;
export const selectiveBelow = 1_024;
const probes = [64, selectiveBelow] as const;

/** Says what the database is looked at with, and how much. */
export interface Looking {
  readonly statements: Statements;
  readonly budget: WorkBudget;
}

/** The conjunct with the fewest candidates, as far as a bounded look tells. */
export function chooseDriver(
  parts: readonly Filter[],
  scope: Scope,
  by: Looking,
  limits: readonly number[] = probes,
): Driver | undefined {
  const { shows } = scope;
  const asked = shows ? [...parts, { op: 'inside', ...shows } as const] : parts;
  const found = asked.flatMap((part, i) =>
    startsOf(part, scope).map((sql) => ({ ...sql, part: i, selective: true, atMost: 0 })),
  );
  const hard = new Set<Driver>();
  for (const limit of limits) {
    let best: Driver | undefined;
    let least: number = limit;
    for (const driver of found) {
      const count = hard.has(driver) ? undefined : countUpTo(by, driver, least);
      if (count === undefined) hard.add(driver);
      else if (count < least) [best, least] = [{ ...driver, atMost: limit }, count];
      if (least <= few) break;
    }
    if (best) return best;
  }
  return found[0] && { ...found[0], selective: false };
}

function startsOf(part: Filter, scope: Scope): readonly Candidates[] {
  if (part.op === 'inside') return insideCandidates(part, scope, candidates);
  const found = candidates(part, scope);
  return found ? [found] : [];
}

/** Undefined when they are too hard to find. */
function countUpTo({ statements, budget }: Looking, sql: Sql, limit: number): number | undefined {
  const counter = `SELECT count(*) AS n FROM (SELECT 1 FROM (${sql.text}) LIMIT ?)`;
  return budget.attempt(lookWork, () =>
    Number(statements.of(counter).get(...sql.values, limit)?.n),
  );
}

export function looksAt(source: string, driver: Driver | undefined): Explanation['looksAt'] {
  if (driver && source.includes(driver.text)) return 'criterion';
  return source.startsWith('FROM resource r ') ? 'type' : 'order';
}
