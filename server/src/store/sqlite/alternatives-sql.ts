import type { CodeList, Filter } from '../../search/query.ts';
import { entries } from './criterion-sql.ts';
import type { Entries, Scope } from './criterion-sql.ts';
import { join, list } from './sql.ts';
import type { Sql } from './sql.ts';

type Criterion = Parameters<typeof entries>[0];

/** Index rows of any of several criteria on one parameter, or a filter that is evaluated by itself. */
export type Alternative = Filter | { readonly op: 'entries'; readonly found: Entries };

/**
 * Alternatives that can be looked up together: what each of a list of codes or references would cost a row alone, and
 * SQLite opens a cursor for each of them at each row, which takes the longer the more are open.
 */
export function lookedUp(any: readonly Filter[], scope: Scope): readonly Alternative[] {
  const flat = flattened(any);
  return [...lists(flat), ...names(flat, scope), ...flat.filter((filter) => !isListed(filter))];
}

/** The same for the test of a row, where other criteria on one parameter share a look too. */
export function testedTogether(any: readonly Filter[], scope: Scope): readonly Alternative[] {
  const alone: Alternative[] = [];
  const groups = new Map<string, Entries[]>();
  for (const each of lookedUp(any, scope)) {
    if (!isCriterion(each)) {
      alone.push(each);
      continue;
    }
    const found = entries(each, scope);
    const key = `${each.op === 'codes' ? 'token' : each.op} ${each.param}`;
    // A filter that nothing can satisfy is no alternative.
    if (found) groups.set(key, [...(groups.get(key) ?? []), found]);
  }
  return [...alone, ...[...groups.values()].map(together)];
}

function together(group: readonly Entries[]): Alternative {
  const [first] = group;
  if (first === undefined) throw new RangeError('a group is never empty');
  const tested = join(
    group.map((each) => each.tested ?? each.where),
    'OR',
  );
  return { op: 'entries', found: { ...first, tested, unique: false } };
}

function flattened(any: readonly Filter[]): readonly Filter[] {
  return any.flatMap((filter) => (filter.op === 'or' ? flattened(filter.any) : [filter]));
}

function isListed(filter: Filter): boolean {
  return nameOf(filter) !== undefined || isPlainToken(filter);
}

type PlainToken = Extract<Filter, { readonly op: 'token' }> & { readonly code: string };

function isPlainToken(filter: Filter): filter is PlainToken {
  return filter.op === 'token' && filter.code !== undefined && filter.unequal !== true;
}

function lists(any: readonly Filter[]): readonly Filter[] {
  return [...Map.groupBy(any.filter(isPlainToken), ({ param }) => param)].map(
    ([param, tokens]): Filter => {
      const [only] = tokens;
      if (tokens.length === 1 && only) return only;
      const bySystem = Map.groupBy(tokens, ({ system }) => system);
      const found = [...bySystem].map(([system, of]): CodeList => ({
        ...(system !== undefined && { system }),
        codes: of.map(({ code }) => code),
      }));
      return { op: 'codes', param, lists: found };
    },
  );
}

/** A criterion that is one text in one column. */
interface Name {
  readonly kind: 'reference' | 'string' | 'uri';
  readonly column: 'target' | 'value';
  readonly text: string;
}

function nameOf(filter: Filter): Name | undefined {
  if (filter.op === 'reference') return { kind: filter.op, column: 'target', text: filter.target };
  const exact = (filter.op === 'string' || filter.op === 'uri') && filter.match === 'exact';
  return exact ? { kind: filter.op, column: 'value', text: filter.value } : undefined;
}

function names(any: readonly Filter[], scope: Scope): readonly Alternative[] {
  const all = any.filter((filter): filter is Criterion => nameOf(filter) !== undefined);
  const groups = Map.groupBy(all, ({ op, param }) => `${op} ${param}`);
  return [...groups.values()].flatMap((same): Alternative[] => {
    const [first] = same;
    const name = first && nameOf(first);
    const found = first && entries(first, scope);
    if (!first || !name || !found || same.length === 1) return first ? [first] : [];
    const param = scope.dictionary.param(scope.type, first.param, name.kind) ?? 0;
    const texts = list(same.map((filter) => nameOf(filter)?.text ?? ''));
    const among = (column: string): Sql => ({
      text: `param = ? AND ${column} IN (SELECT value FROM json_each(?))`,
      values: [param, texts],
    });
    const both = { where: among(name.column), tested: among(`+${name.column}`) };
    return [{ op: 'entries', found: { ...found, ...both, unique: false } }];
  });
}

const CRITERIA = new Set<string>([
  'token',
  'codes',
  'string',
  'date',
  'reference',
  'uri',
  'number',
  'quantity',
  'composite',
  'near',
]);

function isCriterion(part: Alternative): part is Criterion {
  return CRITERIA.has(part.op);
}
