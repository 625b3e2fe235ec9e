import type { SortKey } from '../../search/query.ts';
import type { PagePlace } from '../page.ts';
import type { Scope } from './criterion-sql.ts';
import { byResource, ENTRY_TABLES } from './schema.ts';
import { shown } from './sql.ts';
import type { Sql } from './sql.ts';

/** Looking for a page in the order of an index instead of among all candidates. */
export interface Walk {
  /** Selects the sort value `stop` of each next resource, in the order of reading; takes the number wanted last. */
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
  { from, backwards }: Pick<PagePlace, 'from' | 'backwards'>,
): Walk | undefined {
  if (key.through) return undefined;
  const [only, ...others] = scope.dictionary.sortKinds(scope.type, key.param);
  if (only === undefined || others.length > 0) return undefined;
  const start = from?.keys[0];
  if (start === null || (backwards && start === undefined)) return undefined;
  const [kind, param] = only;
  const { table, sortColumn: column, sortIndex } = ENTRY_TABLES[kind];
  // The value by which a resource is sorted does not depend on the direction of reading.
  const counts = key.descending ? '>' : '<';
  const [sooner, later, order] =
    key.descending === backwards ? ['<', '>', 'ASC'] : ['>', '<', 'DESC'];
  const values = start === undefined ? [param] : [param, start];
  const past = start === undefined ? '' : `AND e.${column} ${later} ?`;
  const beginning = start === undefined ? '' : `AND ${column} ${later}= ?`;
  const alive = shown('r', scope.at);
  return {
    stops: {
      text: `SELECT DISTINCT e.rid, e.${column} AS stop
        FROM ${table} e INDEXED BY ${sortIndex} CROSS JOIN resource r ON r.rid = e.rid
        WHERE e.param = ? ${past} AND ${alive.text} AND ${test.text} AND NOT EXISTS (
          SELECT 1 FROM ${byResource(table, 'o')}
          WHERE o.rid = e.rid AND o.param = e.param AND o.${column} ${counts} e.${column})
        ORDER BY e.${column} ${order} LIMIT ?`,
      values: [...values, ...alive.values, ...test.values],
    },
    upTo: (stop) => ({
      text: `SELECT rid FROM ${table} INDEXED BY ${sortIndex}
        WHERE param = ? ${beginning} AND ${column} ${sooner}= ?`,
      values: [...values, stop],
    }),
  };
}
