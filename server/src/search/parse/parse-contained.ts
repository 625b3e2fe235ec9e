import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { containedAsked, isWhere } from './contained-asked.ts';
import type { ContainedAsked } from './contained-asked.ts';
import { includeNames } from './parse-include.ts';
import { parseSearchOfTypes } from './parse-types.ts';
import { isControl, parseSearch } from './parse.ts';
import type { ParsedSearch, ParseOptions } from './parse.ts';
import { everything, nothing } from '../query.ts';
import type { Contents, Filter, SearchQuery, TypedFilter } from '../query.ts';
import type { Registry } from '../registry.ts';

type Pair = readonly [name: string, value: string];

/**
 * Reads the parameters of a search of one type, `_contained` and `_containedType` included
 * (https://hl7.org/fhir/R4/search.html#contained).
 *
 * @param options.containers types that this caller may search for what they contain
 * @throws FhirError `invalid` or `not-supported`, naming the parameter
 */
export function parseTypeSearch(
  type: string,
  given: Iterable<Pair>,
  registry: Registry,
  options: ParseOptions & { readonly containers?: () => readonly string[] },
): ParsedSearch {
  const pairs = [...given];
  const asked = containedAsked(pairs);
  if (asked === undefined || options.containers === undefined) {
    return parseSearch(type, pairs, registry, options);
  }
  const containers = options.containers();
  const controls = pairs.filter(([name]) => isControl(name));
  assertOrder(controls);
  const own = parseSearch(
    type,
    pairs.filter((pair) => !isControl(pair[0]) && !isWhere(pair[0])),
    ownParameters(registry),
    options,
  );
  for (const [name, filter] of own.criteria) assertOwn(name, filter);
  const shown = asked.show === 'container' ? typesShown(type, asked, containers) : [type];
  if (asked.show === 'contained') assertNoIncludes(controls);
  const shell = parseSearchOfTypes(
    shown.length === 0 ? [type] : shown,
    controls,
    registry,
    options,
  );
  return {
    ...shell,
    query: { ...shell.query, ...typedBy(asked, { type, filter: own.query.filter }, containers) },
    used: [
      ...own.used,
      ...pairs.filter((pair) => isWhere(pair[0]) && pair[1] !== ''),
      ...shell.used,
    ],
    ignored: own.ignored,
    // Ids of what is contained name no patient.
    patients: type === 'Patient' && !asked.own ? [] : own.patients,
    contained: { type, ...asked },
  };
}

/** Types of the resources that the answer shows. */
function typesShown(
  type: string,
  { own }: ContainedAsked,
  containers: readonly string[],
): readonly string[] {
  return own && !containers.includes(type) ? [type, ...containers] : containers;
}

/** Returns what is searched of each type. */
function typedBy(
  { own, show }: ContainedAsked,
  inside: Contents,
  containers: readonly string[],
): Pick<SearchQuery, 'type' | 'filter' | 'inside' | 'others'> {
  const contains: Filter = { op: 'inside', ...inside };
  const all: TypedFilter[] = containers.map((type): TypedFilter => {
    if (show === 'contained') return { type, filter: everything, inside };
    const both = own && type === inside.type;
    return { type, filter: both ? { op: 'or', any: [inside.filter, contains] } : contains };
  });
  if (own && (show === 'contained' || !containers.includes(inside.type))) all.unshift(inside);
  const [first = { type: inside.type, filter: nothing }, ...others] = all;
  return { ...first, others };
}

/** Contained resources are indexed for what R4 defines. */
function ownParameters(registry: Registry): Registry {
  return {
    ...registry,
    parameters: registry.builtIn,
    pending: () => new Set(),
    unsupported: (type) => {
      const added = [...registry.indexed(type).keys(), ...registry.pending(type)];
      const defined = registry.builtIn(type);
      return new Set([
        ...registry.unsupported(type),
        ...added.filter((code) => !defined.has(code)),
      ]);
    },
  };
}

/** Criteria that mean something for a resource without time, referrers and indexed words of its own. */
function assertOwn(name: string, filter: Filter): void {
  if (lacking(filter)) {
    throw unsupported(name, 'that cannot be asked of contained resources');
  }
}

function lacking(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.all.some(lacking);
    case 'or':
      return filter.any.some(lacking);
    case 'not':
      return lacking(filter.filter);
    default:
      return ['lastUpdated', 'referenced', 'text', 'inside', 'patients'].includes(filter.op);
  }
}

/** Containers of many types have no other order in common. */
function assertOrder(controls: readonly Pair[]): void {
  for (const [name, value] of controls) {
    if (name !== '_sort' || value === '') continue;
    if (value.split(',').every((key) => /^-?(_id|_lastUpdated)$/.test(key))) continue;
    throw new FhirError(
      'invalid',
      'Search parameter _sort: with _contained the order is by _id and _lastUpdated of the containers only',
      { expression: 'http._sort' },
    );
  }
}

function assertNoIncludes(controls: readonly Pair[]): void {
  const include = controls.find(([name, value]) => includeNames.includes(name) && value !== '');
  if (include) throw unsupported(include[0], 'nothing is included with contained resources');
}

function unsupported(name: string, what: string): FhirError {
  return new FhirError('not-supported', `Search parameter ${printable(name)}: ${what}`, {
    expression: `http.${printable(name)}`,
  });
}
