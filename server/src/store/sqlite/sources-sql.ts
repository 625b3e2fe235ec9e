import type { Filter, SearchQuery } from '../../search/query.ts';
import type { Scope } from './criterion-sql.ts';
import { amongItsValue, condition } from './filter-sql.ts';
import type { Candidate } from './filter-sql.ts';
import { showing } from './inside-sql.ts';
import { FOREVER } from './schema.ts';
import { eras, join, shown, wrap } from './sql.ts';
import type { Candidates, Moment, Sql } from './sql.ts';
import { testing } from './work-budget.ts';

/** A conjunct whose candidates are looked at. */
export interface Driver extends Candidates {
  /** Says which conjunct it stands for. */
  readonly part: number;
  readonly selective: boolean;
  /** If selective: a bound of the number of its candidates. */
  readonly atMost: number;
}

/** The search of one type. */
export interface Part {
  readonly query: SearchQuery;
  readonly scope: Scope;
  readonly conjuncts: readonly Filter[];
  readonly driver: Driver | undefined;
}

/** The parts of a conjunction. */
export function conjuncts(filter: Filter): readonly Filter[] {
  return filter.op === 'and' ? filter.all.flatMap(conjuncts) : [filter];
}

/** Returns what a row must satisfy; as far as possible where `candidate` alone is known, before its row is looked at. */
export function tests(parts: readonly Filter[], scope: Scope, candidate?: Candidate): Sql {
  const shows = showing(scope, condition);
  const own = parts.map(
    (part) => (candidate && amongItsValue(part, scope, candidate)) ?? condition(part, scope),
  );
  const all = join(shows ? [...own, shows.test] : own, 'AND');
  return testing(all);
}

/** Selects what is numbered from `start` on, before `end`. */
export function windowOf(
  { driver, conjuncts: parts, scope }: Part,
  start: number,
  end: number,
): Sql {
  const window = [start, end - 1];
  const alive = shown('r', scope.at);
  if (driver?.exact && SEEKABLE.has(parts[driver.part]?.op ?? '')) {
    const near = wrap(
      '',
      { text: `${driver.text} AND rid BETWEEN ? AND ?`, values: [...driver.values, ...window] },
      '',
    );
    return driven({ ...driver, ...near }, parts, scope);
  }
  const test = tests(parts, scope);
  const joined = joinedTo(scope);
  return {
    text: `FROM resource r NOT INDEXED${joined.text} WHERE r.rid BETWEEN ? AND ? AND r.type = ? AND ${alive.text} AND ${test.text}`,
    values: [...joined.values, ...window, scope.type, ...alive.values, ...test.values],
  };
}

const NOTHING: Sql = { text: '', values: [] };

/** Returns what stands beside `resource r`. */
function joinedTo(scope: Scope): Sql {
  return showing(scope, condition)?.joined ?? NOTHING;
}

/** Their exact criteria have an index that ends in the number of the row. */
const SEEKABLE = new Set<string>(['token', 'reference', 'uri']);

/** All resources of the type, in order of id or time, from one source or several that share none. */
export function scans(
  parts: readonly Filter[],
  scope: Scope,
  order: 'id' | 'time' = 'time',
): readonly Sql[] {
  const test = tests(parts, scope, 'r.rid');
  const joined = joinedTo(scope);
  if (order === 'id' && scope.at === undefined) {
    // The index by id has all but whether it is deleted, which is asked last: reading the row itself is most of the work.
    const [now, deleted] = [`r.until = ${FOREVER}`, '(SELECT r.deleted) = 0'];
    return [
      {
        text: `FROM resource r${joined.text} WHERE r.type = ? AND ${now} AND ${test.text} AND ${deleted}`,
        values: [...joined.values, scope.type, ...test.values],
      },
    ];
  }
  return eras('r', scope.at).map((era) => ({
    text: `FROM resource r${joined.text} WHERE r.type = ? AND ${era.text} AND ${test.text}`,
    values: [...joined.values, scope.type, ...era.values, ...test.values],
  }));
}

export function driven(driver: Driver, parts: readonly Filter[], scope: Scope): Sql {
  const rest = driver.exact ? parts.filter((_, i) => i !== driver.part) : parts;
  return from(driver, tests(rest, scope, 'd.rid'), {
    unique: driver.exact && driver.repeats !== true,
    at: scope.at,
    joined: joinedTo(scope),
  });
}

export function from(
  candidate: Sql,
  test: Sql,
  {
    unique,
    at,
    joined = NOTHING,
  }: { readonly unique: boolean; readonly at: Moment; readonly joined?: Sql },
): Sql {
  const rids = unique ? candidate.text : `SELECT DISTINCT rid FROM (${candidate.text})`;
  const alive = shown('r', at);
  return {
    text: `FROM (${rids}) d CROSS JOIN resource r ON r.rid = d.rid${joined.text} WHERE ${alive.text} AND ${test.text}`,
    values: [...candidate.values, ...joined.values, ...alive.values, ...test.values],
  };
}
