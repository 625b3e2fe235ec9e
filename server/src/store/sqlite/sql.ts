import type { SQLInputValue } from 'node:sqlite';

/** Text made of fixed pieces only; whatever comes from a query is among the values. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

/** Bound, because SQLite folds a literal into plans that then ignore the index they are told to use. */
export const always: Sql = { text: '?', values: [1] };
export const never: Sql = { text: '?', values: [0] };

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
