import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import type { Include } from '../include.ts';
import type { Shape } from '../../fhir/subset.ts';
import { containedAsked, isWhere } from './contained-asked.ts';
import type { ContainedAsked } from './contained-asked.ts';
import { parseCriterion } from './parse-criterion.ts';
import type { ParseOptions } from './criterion.ts';
import { patientsNamed } from './patients-named.ts';
import type { Filter, SearchQuery } from '../query.ts';
import type { Registry } from '../registry.ts';
import { bad } from '../refusals.ts';
import { assertAskable } from './limits.ts';
import { CONTROLS, SINGLE } from './controls.ts';
import type { Draft, Setting } from './controls.ts';

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

/** R4 search.html#summary @throws FhirError `invalid` */
export function assertShowsIncluded(shape: Shape | undefined, includes: readonly Include[]): void {
  if (includes.length > 0 && shape?.kind === 'summary' && shape.mode === 'text') {
    throw bad('_summary', 'text cannot be asked for together with _include or _revinclude');
  }
}

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
