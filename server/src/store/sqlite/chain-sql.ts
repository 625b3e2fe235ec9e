import type { Chain, Filter, Referenced } from '../../search/query.ts';
import type { Scope } from './criterion-sql.ts';
import { byResource } from './schema.ts';
import { join, never, shown } from './sql.ts';
import type { Candidates, Sql } from './sql.ts';
import { testing } from './work-budget.ts';

type Condition = (filter: Filter, scope: Scope) => Sql;
type Look = (filter: Filter, scope: Scope) => Candidates | undefined;

/** Tells whether the row refers, or is referred to: looked up from this row, for one row at a time. */
export function chainCondition(chain: Chain | Referenced, scope: Scope, condition: Condition): Sql {
  const { row } = scope;
  const other = otherScope(chain, scope);
  const param = linkParam(chain, scope);
  if (param === undefined) return never;
  const test = join([shown(other.row, scope.at), testing(condition(asked(chain), other))], 'AND');
  if (chain.op === 'chain') {
    return {
      text: `EXISTS (SELECT 1 FROM ${byResource('reference_entry', 'e')}
        CROSS JOIN resource ${other.row} INDEXED BY resource_by_id
        ON ${other.row}.type = ? AND ${other.row}.id = substr(e.target, ?)
        WHERE e.rid = ${row}.rid AND e.param = ? AND e.target = ? || ${other.row}.id
        AND ${test.text})`,
      values: [chain.type, chain.type.length + 2, param, `${chain.type}/`, ...test.values],
    };
  }
  return {
    text: `EXISTS (SELECT 1 FROM reference_entry e INDEXED BY reference_by_target
      CROSS JOIN resource ${other.row} ON ${other.row}.rid = e.rid
      WHERE e.param = ? AND e.target = ? || ${row}.id AND ${test.text})`,
    values: [param, `${scope.type}/`, ...test.values],
  };
}

/** The rows on this side, found from the other one; undefined when no index narrows the other side. */
export function chainCandidates(
  chain: Chain | Referenced,
  scope: Scope,
  by: { readonly condition: Condition; readonly candidates: Look },
): Candidates | undefined {
  const other = otherScope(chain, scope);
  const param = linkParam(chain, scope);
  if (param === undefined) return { text: 'SELECT 0 AS rid WHERE ?', values: [0], exact: true };
  const start = firstCandidates(chain.filter, other, by.candidates);
  if (start === undefined) return undefined;
  const rest: Filter = { op: 'and', all: [...start.rest, chain.within] };
  const test = join([shown(other.row, scope.at), testing(by.condition(rest, other))], 'AND');
  // A resource that many refer to would lead to the same again and again. SQLite takes distinct ones one by one, so
  // that a bounded look stops early.
  const found = `(${start.exact && !start.repeats ? start.text : `SELECT DISTINCT rid FROM (${start.text})`}) d
    CROSS JOIN resource ${other.row} ON ${other.row}.rid = d.rid`;
  const where = `WHERE ${test.text}`;
  if (chain.op === 'chain') {
    return {
      text: `SELECT e.rid AS rid FROM ${found}
        CROSS JOIN reference_entry e INDEXED BY reference_by_target
        ON e.param = ? AND e.target = ? || ${other.row}.id ${where}`,
      values: [...start.values, param, `${chain.type}/`, ...test.values],
      exact: true,
      repeats: true,
    };
  }
  const target = shown('t', scope.at);
  return {
    text: `SELECT t.rid AS rid FROM ${found}
      CROSS JOIN ${byResource('reference_entry', 'e')} ON e.rid = ${other.row}.rid AND e.param = ?
      CROSS JOIN resource t INDEXED BY resource_by_id ON t.type = ? AND t.id = substr(e.target, ?)
      ${where} AND e.target = ? || t.id AND ${target.text}`,
    values: [
      ...start.values,
      param,
      scope.type,
      scope.type.length + 2,
      ...test.values,
      `${scope.type}/`,
      ...target.values,
    ],
    exact: true,
    repeats: true,
  };
}

interface Start extends Candidates {
  /** Says what its resources must satisfy beside. */
  readonly rest: readonly Filter[];
}

/** The criterion comes before the narrowing, so the first conjunct that has an index is the caller's own. */
function firstCandidates(filter: Filter, scope: Scope, candidates: Look): Start | undefined {
  if (filter.op !== 'and') {
    const found = candidates(filter, scope);
    return found && { ...found, rest: found.exact ? [] : [filter] };
  }
  for (const [i, part] of filter.all.entries()) {
    const found = firstCandidates(part, scope, candidates);
    if (found)
      return { ...found, rest: filter.all.flatMap((all, n) => (n === i ? found.rest : [all])) };
  }
  return undefined;
}

function asked({ filter, within }: Chain | Referenced): Filter {
  return { op: 'and', all: [filter, within] };
}

/** Returns the scope of the resources that a link leads to. */
export function otherScope(
  { type }: { readonly type: string },
  { row, dictionary, at }: Scope,
): Scope {
  return { type, dictionary, at, row: `r${Number(row.slice(1)) + 1}` };
}

/** The referring side's parameter. */
function linkParam(chain: Chain | Referenced, scope: Scope): number | undefined {
  const from = chain.op === 'chain' ? scope.type : chain.type;
  return scope.dictionary.param(from, chain.param, 'reference');
}
