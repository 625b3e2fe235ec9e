import type { Contents, Filter, TypedFilter } from '../../search/query.ts';
import type { Scope } from './criterion-sql.ts';
import type { Dictionary } from './dictionary.ts';
import { never } from './sql.ts';
import type { Candidates, Sql } from './sql.ts';
import { reading } from './work-budget.ts';
import { insideType } from './write-versions.ts';

type Condition = (filter: Filter, scope: Scope) => Sql;
type Look = (filter: Filter, scope: Scope) => Candidates | undefined;

/** Tells whether the row contains one that satisfies all of it. */
export function insideCondition(asked: Contents, scope: Scope, condition: Condition): Sql {
  const inner = scopeInside(asked, scope);
  if (inner === undefined) return never;
  const test = condition(asked.filter, inner);
  return {
    text: `EXISTS (SELECT 1 FROM contained ${inner.row} INDEXED BY contained_by_container
      WHERE ${reading}${inner.row}.container = ${scope.row}.rid AND ${inner.row}.param = ? AND ${test.text})`,
    values: [inner.contained, ...test.values],
  };
}

/** Tells where to look for rows that contain such a one: at one of the criteria, each in turn, or at all of the type. */
export function insideCandidates(
  asked: Contents,
  scope: Scope,
  candidates: Look,
): readonly [Candidates, ...Candidates[]] {
  const inner = scopeInside(asked, scope);
  if (inner === undefined) return [{ text: 'SELECT 0 AS rid WHERE ?', values: [0], exact: true }];
  const all: Candidates = {
    text: `SELECT container AS rid FROM contained INDEXED BY contained_by_id WHERE ${reading}param = ?`,
    values: [inner.contained],
    exact: false,
  };
  const [first, ...others] = conjunctsOf(asked.filter)
    .map((part) => candidates(part, inner))
    .filter((found) => found !== undefined)
    .map(({ text, values }): Candidates => ({
      text: `SELECT c.container AS rid FROM (${text}) i CROSS JOIN contained c ON c.rid = i.rid`,
      values,
      exact: false,
    }));
  return first === undefined ? [all] : [first, ...others, all];
}

/** Joins what is shown of a row to it, and the test of what is joined. */
export function showing(
  scope: Scope,
  condition: Condition,
): { readonly joined: Sql; readonly test: Sql } | undefined {
  if (scope.shows === undefined) return undefined;
  const inner = scopeInside(scope.shows, scope);
  if (inner === undefined) return { joined: { text: '', values: [] }, test: never };
  return {
    joined: {
      text: ` CROSS JOIN contained ${inner.row} INDEXED BY contained_by_container
        ON ${inner.row}.container = ${scope.row}.rid AND ${inner.row}.param = ?
        AND CASE WHEN ${inner.row}.place >= 0 THEN passed() END`,
      values: [inner.contained],
    },
    test: condition(scope.shows.filter, inner),
  };
}

/** Tells whether nothing of the type contains what is asked for, and nothing ever did. */
export function containsNone(
  { type, filter, inside }: TypedFilter,
  dictionary: Dictionary,
): boolean {
  const lacks = (other: string): boolean =>
    dictionary.param(insideType(type, other), '', 'contained') === undefined;
  if (inside && lacks(inside.type)) return true;
  return conjunctsOf(filter).some((part) => part.op === 'inside' && lacks(part.type));
}

function scopeInside(
  { type }: Contents,
  scope: Scope,
): (Scope & { readonly contained: number }) | undefined {
  const { dictionary, at } = scope;
  const own = insideType(scope.type, type);
  const contained = dictionary.param(own, '', 'contained');
  if (contained === undefined) return undefined;
  return { type: own, dictionary, at, contained, row: `r${Number(scope.row.slice(1)) + 1}` };
}

function conjunctsOf(filter: Filter): readonly Filter[] {
  return filter.op === 'and' ? filter.all.flatMap(conjunctsOf) : [filter];
}
