import {
  belowPrefix,
  compareText,
  comparisons,
  dateRange,
  numberRange,
  urisAbove,
} from './compare.ts';
import type { Range } from './compare.ts';
import type {
  Chain,
  ContainedIndex,
  Contents,
  Filter,
  Hierarchy,
  IndexEntry,
  Link,
  PartEntry,
  Referenced,
} from './query.ts';
import { withinChord } from './sphere.ts';

/** Is what a filter is judged on: one current, undeleted resource. */
export interface Searchable {
  readonly id: string;
  readonly lastUpdated: number;
  readonly patients: readonly string[];
  readonly index: readonly IndexEntry[];
  readonly inside?: readonly ContainedIndex[];
}

/** Says where a resource stands: its type, and the current, undeleted resources of every type. */
export interface World {
  readonly type: string;
  readonly resources: (type: string) => readonly Searchable[];
}

const ALONE: World = { type: '', resources: () => [] };

/** The meaning of a filter, which every store's evaluation must equal. */
export function matches(resource: Searchable, filter: Filter, world: World = ALONE): boolean {
  switch (filter.op) {
    case 'and':
      return filter.all.every((part) => matches(resource, part, world));
    case 'or':
      return filter.any.some((part) => matches(resource, part, world));
    case 'not':
      return !matches(resource, filter.filter, world);
    case 'chain':
    case 'referenced':
    case 'hierarchy':
      return linkHolds(resource, filter, world);
    case 'inside':
      return (resource.inside ?? []).some((one) => containedMatches(one, filter, world));
    case 'id':
      return filter.ids.includes(resource.id);
    case 'lastUpdated':
      return isBetween(resource.lastUpdated, filter);
    case 'missing':
      return filter.missing !== resource.index.some((entry) => entry.param === filter.param);
    case 'patients':
      return patientsHold(resource.patients, filter);
    default:
      return resource.index.some((entry) => entry.param === filter.param && holds(entry, filter));
  }
}

function isBetween(
  time: number,
  { from = -Infinity, to = Infinity }: Extract<Filter, { readonly op: 'lastUpdated' }>,
): boolean {
  return time >= from && time < to;
}

function patientsHold(
  own: readonly string[],
  { mode, patients }: Extract<Filter, { readonly op: 'patients' }>,
): boolean {
  const inList = (patient: string) => patients.includes(patient);
  return mode === 'in' ? own.every(inList) : !own.some(inList);
}

/** Tells whether what a resource contains is one of these. */
export function containedMatches(
  one: ContainedIndex,
  asked: Contents,
  world: World = ALONE,
): boolean {
  if (one.type !== asked.type) return false;
  // It has no time and no patients of its own, and nothing refers to it from elsewhere.
  const alone = { id: one.id, index: one.index, lastUpdated: NaN, patients: [] };
  return matches(alone, asked.filter, { ...world, type: `#${one.type}` });
}

function linkHolds(resource: Searchable, link: Link, world: World): boolean {
  switch (link.op) {
    case 'chain':
      return (
        (link.contained !== undefined && matches(resource, link.contained, world)) ||
        reached(link, world).some(({ id }) => refers(resource, link, id))
      );
    case 'referenced':
      return reached(link, world).some((other) =>
        refers(other, { param: link.param, type: world.type }, resource.id),
      );
    case 'hierarchy': {
      const targets = inHierarchy(link, world);
      return referencesOf(resource, link.param).some((target) => targets.has(target));
    }
  }
}

/** Resources of the other type that satisfy what is asked of them. */
function reached({ type, filter, within }: Chain | Referenced, world: World): Searchable[] {
  const there = { ...world, type };
  return world
    .resources(type)
    .filter((other) => matches(other, within, there) && matches(other, filter, there));
}

/** `Type/id` of the resource and of what lies below or above it. */
function inHierarchy(
  { type, id, parent, direction, within }: Hierarchy,
  world: World,
): ReadonlySet<string> {
  const there = { ...world, type };
  const open = world.resources(type).filter((each) => matches(each, within, there));
  const found = new Set([`${type}/${id}`]);
  // A Set gives what is added while it is walked.
  for (const at of found) {
    for (const each of open) {
      const name = `${type}/${each.id}`;
      const parents = referencesOf(each, parent);
      if (direction === 'below' && parents.includes(at)) found.add(name);
      if (direction === 'above' && name === at) {
        for (const up of parents) if (up.startsWith(`${type}/`)) found.add(up);
      }
    }
  }
  return found;
}

function referencesOf({ index }: Searchable, param: string): string[] {
  return index.flatMap((entry) =>
    entry.kind === 'reference' && entry.param === param ? [entry.target] : [],
  );
}

function refers(
  from: Searchable,
  by: { readonly param: string; readonly type: string },
  id: string,
): boolean {
  const target = `${by.type}/${id}`;
  return from.index.some(
    (entry) => entry.kind === 'reference' && entry.param === by.param && entry.target === target,
  );
}

type Criterion = Extract<Filter, { readonly op: IndexEntry['kind'] | 'codes' | 'near' }>;
type SingleCriterion = Extract<Filter, { readonly op: PartEntry['kind'] }>;

/** Tells whether an entry of the parameter is of the criterion's kind and satisfies it. */
function holds(entry: IndexEntry, criterion: Criterion): boolean {
  switch (criterion.op) {
    case 'codes':
      return (
        entry.kind === 'token' &&
        criterion.lists.some(
          ({ system, codes }) =>
            (system === undefined || system === entry.system) && codes.includes(entry.code),
        )
      );
    case 'composite':
      return (
        entry.kind === 'composite' &&
        criterion.parts.every((part, i) => {
          const value = entry.parts[i];
          return value !== undefined && valueHolds(value, part);
        })
      );
    case 'near':
      return entry.kind === 'position' && withinChord(entry, criterion);
    case 'text':
      return entry.kind === 'text' && ` ${entry.words} `.includes(` ${criterion.words} `);
    default:
      return valueHolds(entry, criterion);
  }
}

function valueHolds(entry: IndexEntry, criterion: SingleCriterion): boolean {
  switch (criterion.op) {
    case 'token':
      return entry.kind === 'token' && codeHolds(entry, criterion) === !criterion.unequal;
    case 'string':
      return entry.kind === 'string' && stringHolds(entry, criterion);
    case 'date':
      return entry.kind === 'date' && dateHolds(entry, criterion);
    case 'reference':
      return entry.kind === 'reference' && entry.target === criterion.target;
    case 'uri':
      return entry.kind === 'uri' && uriHolds(entry.value, criterion);
    case 'number':
      return entry.kind === 'number' && numberHolds(entry, criterion);
    case 'quantity':
      return (
        entry.kind === 'quantity' && numberHolds(entry, criterion) && codeHolds(entry, criterion)
      );
  }
}

function codeHolds(
  entry: { readonly system: string | null; readonly code: string | null },
  criterion: { readonly system?: string | null; readonly code?: string },
): boolean {
  return (
    (criterion.system === undefined || criterion.system === entry.system) &&
    (criterion.code === undefined || criterion.code === entry.code)
  );
}

function dateHolds(
  entry: Extract<IndexEntry, { kind: 'date' }>,
  criterion: Extract<Filter, { op: 'date' }>,
): boolean {
  const { prefix, from, to } = criterion;
  return comparisons[prefix](dateRange(entry.from, entry.to), dateRange(from, to));
}

function stringHolds(
  entry: Extract<IndexEntry, { kind: 'string' }>,
  criterion: Extract<Filter, { op: 'string' }>,
): boolean {
  const { match, value } = criterion;
  switch (match) {
    case 'exact':
      return entry.value === value;
    case 'prefix':
      return entry.folded.startsWith(value);
    case 'contains':
      return entry.folded.includes(value);
    case 'suffix':
      return entry.folded.endsWith(value);
    case 'equal':
      return entry.folded === value;
    case 'less':
      return compareText(entry.folded, value) < 0;
    case 'greater':
      return compareText(entry.folded, value) > 0;
  }
}

function uriHolds(value: string, criterion: Extract<Filter, { op: 'uri' }>): boolean {
  if (criterion.match === 'above') return urisAbove(criterion.value).includes(value);
  if (value === criterion.value) return true;
  return criterion.match === 'below' && value.startsWith(belowPrefix(criterion.value));
}

function numberHolds(
  entry: Range,
  criterion: Extract<Filter, { op: 'number' | 'quantity' }>,
): boolean {
  return comparisons[criterion.prefix](
    numberRange(entry.low, entry.high),
    numberRange(criterion.low, criterion.high),
  );
}
