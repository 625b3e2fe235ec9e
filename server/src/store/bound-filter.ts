import type { Filter, SearchQuery, SortKey, SortValue } from '../search/query.ts';
import { SearchTooCostly } from './resource-store.ts';

/** Bounds the nodes of the filter of each type that is searched. */
const maxNodes = 2_000;
/** Says as how many nodes a filter counts: one with bounds on both sides costs a database as much as several names. */
const WEIGHTS: Readonly<Partial<Record<Filter['op'], number>>> = {
  date: 8,
  number: 8,
  quantity: 8,
  composite: 16,
  near: 32,
};
/** References that are followed to know an order, of all resources together, if each has one of a kind. */
const mostFollowed = 5_000;

/** @throws RangeError when the filter is larger than any legitimate one, or the page size is no whole number */
export function boundFilter(query: SearchQuery): void {
  if (!Number.isSafeInteger(query.count) || query.count < 0) {
    throw new RangeError('The page size must be a whole number');
  }
  for (const { filter, inside } of [query, ...(query.others ?? [])]) {
    boundOne(inside ? { op: 'and', all: [filter, inside.filter] } : filter);
  }
  boundOne({ op: 'and', all: query.sort.flatMap(withinOf) });
}

function boundOne(filter: Filter): void {
  let left = maxNodes;
  const pending = [filter];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    left -= WEIGHTS[node.op] ?? 1;
    if (node.op === 'and') pending.push(...node.all);
    if (node.op === 'or') pending.push(...node.any);
    if (node.op === 'not' || node.op === 'inside') pending.push(node.filter);
    if (node.op === 'chain' || node.op === 'referenced') pending.push(node.filter, node.within);
    if (node.op === 'chain' && node.contained) pending.push(node.contained);
    if (node.op === 'hierarchy') pending.push(node.within);
    if (left < pending.length) throw new SearchTooCostly('The search has too many criteria');
  }
}

function withinOf({ through = [] }: SortValue): readonly Filter[] {
  return through.flatMap(({ within, value }) => [within, ...withinOf(value)]);
}

/** Returns what may be counted to see whether a sort would follow too many references; undefined when it follows none. */
export function followLimit(sort: readonly SortKey[]): number | undefined {
  const links = sort.reduce((sum, key) => sum + linksOf(key), 0);
  return links === 0 ? undefined : Math.floor(mostFollowed / links) + 1;
}

/** References one after the other. */
function linksOf({ through }: SortValue): number {
  return through ? 1 + Math.max(0, ...through.map(({ value }) => linksOf(value))) : 0;
}

/** @throws SearchTooCostly when that many were counted */
export function boundFollowed(counted: number, limit: number): void {
  if (counted >= limit) {
    throw new SearchTooCostly(
      `More than ${limit - 1} resources would be sorted by what they refer to: narrow the search`,
    );
  }
}
