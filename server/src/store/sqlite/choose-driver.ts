import type { Explanation } from '../explanation.ts';
import type { Filter } from '../../search/query.ts';
import type { Scope } from './criterion-sql.ts';
import { candidates } from './filter-sql.ts';
import type { Candidates } from './filter-sql.ts';
import { insideCandidates } from './inside-sql.ts';
import type { Driver } from './sources-sql.ts';
import type { Sql } from './sql.ts';
import type { Statements } from './statements.ts';

/** A criterion with this few candidates is taken at once; with that many it does not count as selective. */
const few = 24;
export const selectiveBelow = 1_024;
const probes = [64, selectiveBelow] as const;

/** The conjunct with the fewest candidates, as far as a bounded look tells. */
export function chooseDriver(
  parts: readonly Filter[],
  scope: Scope,
  statements: Statements,
  limits: readonly number[] = probes,
): Driver | undefined {
  const { shows } = scope;
  const asked = shows ? [...parts, { op: 'inside', ...shows } as const] : parts;
  const found = asked.flatMap((part, i) =>
    startsOf(part, scope).map((sql) => ({ ...sql, part: i, selective: true, atMost: 0 })),
  );
  for (const limit of limits) {
    let best: Driver | undefined;
    let least: number = limit;
    for (const driver of found) {
      const count = countUpTo(statements, driver, least);
      if (count < least) [best, least] = [{ ...driver, atMost: limit }, count];
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

function countUpTo(statements: Statements, sql: Sql, limit: number): number {
  const counter = `SELECT count(*) AS n FROM (SELECT 1 FROM (${sql.text}) LIMIT ?)`;
  return Number(statements.of(counter).get(...sql.values, limit)?.n);
}

export function looksAt(source: string, driver: Driver | undefined): Explanation['looksAt'] {
  if (driver && source.includes(driver.text)) return 'criterion';
  return source.startsWith('FROM resource r ') ? 'type' : 'order';
}
