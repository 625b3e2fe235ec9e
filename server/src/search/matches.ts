import type {
  Chain,
  ContainedIndex,
  Contents,
  Filter,
  Hierarchy,
  IndexEntry,
  Link,
  Referenced,
} from './query.ts';
import { holds } from './entry-matches.ts';

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
