import type { SQLInputValue } from 'node:sqlite';
import { forever } from './schema.ts';

/** Alias of a row of `resource`. */
export type Alias = 'r' | 't' | `r${number}`;

/** The newest commit that is seen; undefined: whatever is current. */
export type Moment = number | undefined;

/** Text made of fixed pieces only; whatever comes from a query is among the values. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

/** Selects `rid` of resources that are looked at for a filter. */
export interface Candidates extends Sql {
  /** Each resource satisfies the filter, there is nothing left to test; each comes once, unless it says otherwise. */
  readonly exact: boolean;
  readonly repeats?: true;
}

/** Bound, because SQLite folds a literal into plans that then ignore the index they are told to use. */
export const always: Sql = { text: '?', values: [1] };
export const never: Sql = { text: '?', values: [0] };

/** Tells whether a row of `resource` is of an undeleted version that was current as of a commit, or is now. */
export function shown(row: Alias, at: Moment): Sql {
  return at === undefined
    ? { text: `${row}.deleted = 0 AND ${row}.until = ${forever}`, values: [] }
    : {
        text: `${row}.deleted = 0 AND ${row}.vid <= ? AND ${row}.until > ?`,
        values: [at, at],
      };
}

/** The same in parts that do not overlap, for each of which there is an index by time: what still is current, and what no longer is. */
export function eras(row: Alias, at: Moment): readonly Sql[] {
  const present = shown(row, undefined);
  if (at === undefined) return [present];
  const past = shown(row, at);
  return [
    { text: `${present.text} AND ${row}.vid <= ?`, values: [at] },
    { text: `${past.text} AND ${row}.until < ${forever}`, values: past.values },
  ];
}

/** Balanced, because SQLite bounds the depth of an expression. */
export function join(parts: readonly Sql[], operator: 'AND' | 'OR'): Sql {
  const [first] = parts;
  if (first === undefined) return operator === 'AND' ? always : never;
  if (parts.length === 1) return first;
  const half = parts.length >> 1;
  const left = join(parts.slice(0, half), operator);
  const right = join(parts.slice(half), operator);
  return {
    text: `((${left.text}) ${operator} (${right.text}))`,
    values: [...left.values, ...right.values],
  };
}

export function wrap(before: string, inner: Sql, after: string): Sql {
  return { text: before + inner.text + after, values: inner.values };
}

export function prepend(values: readonly SQLInputValue[], sql: Sql): Sql {
  return { text: sql.text, values: [...values, ...sql.values] };
}

export function list(values: readonly string[]): string {
  return JSON.stringify(values);
}
