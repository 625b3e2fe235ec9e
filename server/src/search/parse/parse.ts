import { FhirError } from '../../fhir/errors.ts';
import { GENERAL_PARAMETERS } from '../../fhir/general-parameters.ts';
import { printable } from '../../fhir/printable.ts';
import type { Include, Shape } from '../include.ts';
import { containedAsked, isWhere } from './contained-asked.ts';
import type { ContainedAsked } from './contained-asked.ts';
import { parseCriterion } from './parse-criterion.ts';
import type { Criterion, ParseOptions } from './criterion.ts';
import { includeNames, parseInclude } from './parse-include.ts';
import { parseElements, parseSummary } from './parse-shape.ts';
import { parseSort } from './parse-sort.ts';
import { splitOr } from './value-text.ts';
import { lengthInLink, LONGEST_QUERY } from '../links.ts';
import { patientsNamed } from '../indexing/patients-named.ts';
import type { Filter, SearchQuery, SortKey } from '../query.ts';
import type { Registry } from '../registry.ts';

export type { ParseOptions } from './criterion.ts';

export interface ParsedSearch {
  readonly query: SearchQuery;
  /** Name and value of what is really evaluated, in order, for the self link; without `_cursor`. */
  readonly used: readonly (readonly [name: string, value: string])[];
  /** Says what `_query` and its parameters in `used` stand for. */
  readonly expanded?: readonly (readonly [name: string, value: string])[];
  /** Names what was not known and passed over, by lenient handling only. */
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
  /** Ids of the patients whom `_id` of Patient, `patient` or `subject` criteria name, sorted. */
  readonly patients: readonly string[];
  readonly includes: readonly Include[];
  /** Undefined: whole resources. */
  readonly shape: Shape | undefined;
  /** Each criterion by its parameter. */
  readonly criteria: readonly (readonly [name: string, filter: Filter])[];
  /** Given: what is searched for is `type` among contained resources. */
  readonly contained?: ContainedAsked & { readonly type: string };
}

/** Says how much one query may ask for. */
const MOST_CRITERIA = 64;
const MOST_VALUES = 512;
/** Characters of one of the values. */
const LONGEST_VALUE = 8192;
const LONGEST_NAME = 512;
export const MOST_INCLUDES = 32;

interface Draft {
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

/**
 * Reads the parameters of a type search, already percent-decoded.
 * @throws FhirError `invalid` or `not-supported`, naming the parameter as `http.<name>`; never anything else
 * @rule _count, _total
 */
export function parseSearch(
  type: string,
  pairs: Iterable<readonly [string, string]>,
  registry: Registry,
  options: ParseOptions,
): ParsedSearch {
  const all = [...pairs];
  assertAskable(all);
  return parseAskable(type, all, registry, options);
}

/** The same of what was found to be within the limits, as it is or as part of something larger. */
export function parseAskable(
  type: string,
  pairs: readonly (readonly [string, string])[],
  registry: Registry,
  options: ParseOptions,
): ParsedSearch {
  const draft: Draft = {
    filters: [],
    sort: [],
    count: options.defaultCount,
    page: undefined,
    total: 'none',
    used: [],
    ignored: [],
    criteria: [],
    includes: [],
    shape: undefined,
  };
  const single = new Set<string>();
  for (const [name, value] of pairs) {
    // An empty value is as if the parameter were not there: `withoutValue` tells of it.
    if (value === '') continue;
    if (single.has(name)) throw bad(name, 'it is given twice');
    if (SINGLE.has(name)) single.add(name);
    take(draft, [name, value], { type, registry, options });
  }
  const { used, ignored, includes } = draft;
  const named = draft.criteria.map(({ name, filter }) => [name, filter] as const);
  const shape = draft.shape === 'count' ? undefined : draft.shape;
  assertShowsIncluded(shape, includes);
  const count = draft.shape === 'count' ? 0 : draft.count;
  const query: SearchQuery = {
    type,
    filter: { op: 'and', all: draft.filters },
    sort: draft.sort,
    count,
    ...(draft.page === undefined ? {} : { page: draft.page }),
    total: count === 0 ? 'accurate' : draft.total,
  };
  const patients = patientsNamed(type, draft.criteria);
  return { query, used, ignored, patients, includes, shape, criteria: named };
}

/** Refuses what costs too much to read, or to write into a link. @throws FhirError `too-costly`, naming the parameter */
export function assertAskable(pairs: readonly (readonly [string, string])[]): void {
  let criteria = 0;
  let values = 0;
  let written = 0;
  for (const [name, value] of pairs) {
    written += lengthInLink([name, value]);
    if (written > LONGEST_QUERY) {
      throw costly(name, `together they would make a link of over ${LONGEST_QUERY} characters`);
    }
    const here = value.length > 0 ? value.split(',').length : 0;
    if (!isControl(name) && !isWhere(name)) values += here;
    if (++criteria > MOST_CRITERIA)
      throw costly(name, `there are over ${MOST_CRITERIA} parameters`);
    if (Math.max(values, here) > MOST_VALUES)
      throw costly(name, `there are over ${MOST_VALUES} values`);
    if (name.length > LONGEST_NAME) throw costly(name, 'the name is too long');
    if (value.length > LONGEST_VALUE && splitOr(value).some((it) => it.length > LONGEST_VALUE)) {
      throw costly(name, `a value has over ${LONGEST_VALUE} characters`);
    }
  }
}

/** R4 search.html#summary @throws FhirError `invalid` */
export function assertShowsIncluded(shape: Shape | undefined, includes: readonly Include[]): void {
  if (includes.length > 0 && shape?.kind === 'summary' && shape.mode === 'text') {
    throw bad('_summary', 'text cannot be asked for together with _include or _revinclude');
  }
}

interface Setting {
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
const CONTROLS: ReadonlyMap<string, Control> = new Map<string, Control>([
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
const SINGLE: ReadonlySet<string> = new Set([
  '_count',
  '_total',
  '_cursor',
  '_summary',
  '_elements',
]);

function take(draft: Draft, [name, value]: readonly [string, string], setting: Setting): void {
  const control = CONTROLS.get(name);
  if (control) {
    control(draft, value, setting);
    if (name !== '_cursor')
      draft.used.push([name, name === '_count' ? String(draft.count) : value]);
    return;
  }
  if (isWhere(name)) {
    assertNotContained([name, value]);
    draft.used.push([name, value]);
    return;
  }
  const { type, registry, options } = setting;
  const found = parseCriterion(type, [name, value], registry, options);
  if (found.kind === 'unknown') {
    if (options.handling === 'strict') {
      throw new FhirError('not-supported', found.reason, { expression: `http.${printable(name)}` });
    }
    draft.ignored.push({ name: printable(name), reason: found.reason });
    return;
  }
  draft.filters.push(found.filter);
  draft.criteria.push({ ...found, name });
  draft.used.push([name, value]);
}

function assertNotContained(pair: readonly [string, string]): void {
  if (containedAsked([pair]) === undefined) return;
  throw new FhirError(
    'not-supported',
    `Search parameter ${pair[0]}: contained resources are found by a search of one type only, of the whole server`,
    { expression: `http.${pair[0]}` },
  );
}

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

function bad(name: string, what: string): FhirError {
  return new FhirError('invalid', `Search parameter ${name}: ${what}`, {
    expression: `http.${name}`,
  });
}

function costly(name: string, what: string): FhirError {
  return new FhirError('too-costly', `Search parameter ${printable(name)}: ${what}`, {
    expression: `http.${printable(name)}`,
  });
}
