import type { SortKey } from '../../search/query.ts';
import type { Position } from '../page-token.ts';
import type { Scope } from './criterion-sql.ts';
import { entryTables } from './schema.ts';
import type { Sql } from './sql.ts';

/** Looking for a page in the order of an index instead of among all candidates. */
export interface Walk {
  /** Selects the sort value `stop` of each next resource, in order; takes the number wanted last. */
  readonly stops: Sql;
  /** Selects `rid` of every resource from the page's start up to and including this sort value. */
  readonly upTo: (stop: number | string) => Sql;
}

/**
 * Walks the index of a sort parameter when no criterion selects few resources.
 * undefined when the order is not that of one index, or the page begins among the resources without a value.
 */
export function walkSql(
  key: SortKey,
  test: Sql,
  scope: Scope,
  after: Position | undefined,
): Walk | undefined {
  const [only, ...others] = scope.dictionary.kinds(scope.type, key.param);
  if (only === undefined || others.length > 0 || after?.keys[0] === null) return undefined;
  const [kind, param] = only;
  const { table, sortColumn: column, sortIndex } = entryTables[kind];
  const [sooner, later, order] = key.descending ? ['>', '<', 'DESC'] : ['<', '>', 'ASC'];
  const start = after?.keys[0];
  const values = start === undefined ? [param] : [param, start];
  const past = start === undefined ? '' : `AND e.${column} ${later} ?`;
  const from = start === undefined ? '' : `AND ${column} ${later}= ?`;
  return {
    stops: {
      text: `SELECT DISTINCT e.rid, e.${column} AS stop
        FROM ${table} e INDEXED BY ${sortIndex} CROSS JOIN resource r ON r.rid = e.rid
        WHERE e.param = ? ${past} AND ${test.text} AND NOT EXISTS (
          SELECT 1 FROM ${table} o NOT INDEXED
          WHERE o.rid = e.rid AND o.param = e.param AND o.${column} ${sooner} e.${column})
        ORDER BY e.${column} ${order} LIMIT ?`,
      values: [...values, ...test.values],
    },
    upTo: (stop) => ({
      text: `SELECT rid FROM ${table} INDEXED BY ${sortIndex}
        WHERE param = ? ${from} AND ${column} ${sooner}= ?`,
      values: [...values, stop],
    }),
  };
}
