import { GENERAL_PARAMETERS } from '../../fhir/general-parameters.ts';
import type { Include } from '../include.ts';
import type { Shape } from '../../fhir/subset.ts';
import type { Criterion, ParseOptions } from './criterion.ts';
import { includeNames, parseInclude } from './parse-include.ts';
import { parseElements, parseSummary } from './parse-shape.ts';
import { parseSort } from './parse-sort.ts';
import type { Filter, SearchQuery, SortKey } from '../query.ts';
import type { Registry } from '../registry.ts';
import { bad, costly } from '../refusals.ts';

export const MOST_INCLUDES = 32;

export interface Draft {
  filters: Filter[];
  sort: readonly SortKey[];
  count: number;
  page: string | undefined;
  total: SearchQuery['total'];
  used: [string, string][];
  ignored: { name: string; reason: string }[];
  criteria: (Criterion & { readonly name: string })[];
  includes: Include[];
  shape: Shape | 'count' | undefined;
}

export interface Setting {
  readonly type: string;
  readonly registry: Registry;
  readonly options: ParseOptions;
}

type Control = (draft: Draft, value: string, setting: Setting) => void;

/** Tells whether a parameter shapes the answer instead of selecting. */
export function isControl(name: string): boolean {
  return CONTROLS.has(name);
}

/** Parameters that shape the answer instead of selecting. */
export const CONTROLS: ReadonlyMap<string, Control> = new Map<string, Control>([
  ['_count', takeCount],
  ['_sort', takeSort],
  ['_total', takeTotal],
  [
    '_cursor',
    (draft, value) => {
      draft.page = value;
    },
  ],
  ['_summary', takeSummary],
  ['_elements', takeElements],
  ...includeNames.map((name): [string, Control] => [
    name,
    (draft, value, { type, registry }) => {
      if (draft.includes.length >= MOST_INCLUDES) throw costly(name, 'there are too many');
      draft.includes.push(parseInclude(type, [name, value], registry));
    },
  ]),
  ...[...GENERAL_PARAMETERS].map((name): [string, Control] => [name, () => undefined]),
]);

/** Controls of which each has one value. */
export const SINGLE: ReadonlySet<string> = new Set([
  '_count',
  '_total',
  '_cursor',
  '_summary',
  '_elements',
]);

function takeCount(draft: Draft, value: string, { options }: Setting): void {
  if (!/^\d+$/.test(value)) throw bad('_count', 'the value is no whole number');
  draft.count = Math.min(Number(value), options.maxCount);
}

function takeTotal(draft: Draft, value: string): void {
  if (value !== 'none' && value !== 'accurate' && value !== 'estimate') {
    throw bad('_total', 'the value is none, estimate or accurate');
  }
  draft.total = value === 'none' ? 'none' : 'accurate';
}

function takeSummary(draft: Draft, value: string): void {
  takeShape(draft, '_summary', parseSummary(value));
}

function takeElements(draft: Draft, value: string, { type, registry }: Setting): void {
  takeShape(draft, '_elements', parseElements([type], value, registry));
}

function takeShape(draft: Draft, name: string, shape: Draft['shape']): void {
  if (shape === undefined) return;
  if (draft.shape !== undefined)
    throw bad(name, 'more than one of _summary and _elements is given');
  draft.shape = shape;
}

function takeSort(draft: Draft, value: string, { type, registry }: Setting): void {
  // R4 search.html#table: it may repeat, for inner orders.
  const outer = draft.used.flatMap(([name, text]) => (name === '_sort' ? [text] : []));
  draft.sort = parseSort(type, [...outer, value].join(','), registry);
}
