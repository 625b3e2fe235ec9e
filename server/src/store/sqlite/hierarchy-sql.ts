import type { Filter, Hierarchy } from '../../search/query.ts';
import { otherScope } from './chain-sql.ts';
import type { Scope } from './criterion-sql.ts';
import { byResource } from './schema.ts';
import { join, never, shown } from './sql.ts';
import type { Candidates, Sql } from './sql.ts';
import { reading } from './work-budget.ts';

type Condition = (filter: Filter, scope: Scope) => Sql;

/** Tells whether the row refers into the hierarchy. */
export function hierarchyCondition(filter: Hierarchy, scope: Scope, condition: Condition): Sql {
  const targets = targetsSql(filter, scope, condition);
  const param = scope.dictionary.param(scope.type, filter.param, 'reference');
  if (param === undefined) return never;
  return {
    // Found once, not for each row.
    text: `${scope.row}.rid IN (SELECT rid FROM reference_entry INDEXED BY reference_by_target
      WHERE ${reading}param = ? AND target IN (${targets.text}))`,
    values: [param, ...targets.values],
  };
}

/** The rows that refer into the hierarchy. */
export function hierarchyCandidates(
  filter: Hierarchy,
  scope: Scope,
  condition: Condition,
): Candidates {
  const targets = targetsSql(filter, scope, condition);
  const param = scope.dictionary.param(scope.type, filter.param, 'reference');
  return {
    text: `SELECT rid FROM reference_entry INDEXED BY reference_by_target
      WHERE ${reading}param = ? AND target IN (${targets.text})`,
    values: [param ?? 0, ...targets.values],
    exact: false,
  };
}

/** Every `Type/id` of it, found step by step; what was found before is not walked again. */
function targetsSql(filter: Hierarchy, scope: Scope, condition: Condition): Sql {
  const { type, id, parent, direction, within } = filter;
  const other = otherScope(filter, scope);
  const { row } = other;
  const param = scope.dictionary.param(type, parent, 'reference') ?? 0;
  const test = join([shown(row, scope.at), condition(within, other)], 'AND');
  const start = `${type}/${id}`;
  const below = {
    text: `SELECT ? || ${row}.id FROM tree
      CROSS JOIN reference_entry e INDEXED BY reference_by_target
      ON e.param = ? AND e.target = tree.target
      CROSS JOIN resource ${row} ON ${row}.rid = e.rid WHERE ${reading}${test.text}`,
    values: [`${type}/`, param, ...test.values],
  };
  const above = {
    text: `SELECT e.target FROM tree
      CROSS JOIN resource ${row} INDEXED BY resource_by_id
      ON ${row}.type = ? AND ${row}.id = substr(tree.target, ?)
      CROSS JOIN ${byResource('reference_entry', 'e')} ON e.rid = ${row}.rid AND e.param = ?
      WHERE ${reading}e.target >= ? AND e.target < ? AND ${test.text}`,
    values: [type, type.length + 2, param, `${type}/`, `${type}0`, ...test.values],
  };
  const step = direction === 'below' ? below : above;
  return {
    text: `WITH RECURSIVE tree (target) AS (VALUES (?) UNION ${step.text}) SELECT target FROM tree`,
    values: [start, ...step.values],
  };
}
