import { evalFhirPathTyped, parseFhirPath } from '@medplum/core';
import type { Constraint } from './definitions.ts';
import { timeRange } from './instant.ts';

type Json = Readonly<Record<string, unknown>>;

/** What an invariant may look at besides the element itself. */
export interface Surroundings {
  /** The resource that directly holds the element. */
  readonly resource: Json;
  /** The resource that holds `resource` when that is a contained one; else the same. */
  readonly root: Json;
}

type Rule = (element: Json, around: Surroundings) => boolean;

/** Rules that occur in almost every resource, or that FHIRPath states badly, as plain code. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['ext-1', (element) => hasValue(element) !== 'extension' in element],
  ['qty-3', (element) => !('code' in element) || 'system' in element],
  ['per-1', (element) => inOrder(element['start'], element['end'])],
  ['rng-2', (element) => quantitiesInOrder(element['low'], element['high'])],
  ['ref-1', (element, { root }) => pointsToContained(element['reference'], root)],
  ['dom-2', (element) => contained(element).every((inner) => !('contained' in inner))],
  ['dom-3', (element) => contained(element).every((inner) => isReferenced(inner, element))],
  [
    'dom-4',
    (element) => contained(element).every((inner) => !hasMeta(inner, ['versionId', 'lastUpdated'])),
  ],
  ['dom-5', (element) => contained(element).every((inner) => !hasMeta(inner, ['security']))],
  // The evaluator takes `response` for a choice and finds `responseCode`.
  ['tst-5', isSingleAssertion],
  ['tst-6', isSingleAssertion],
  // The narrative has a check of its own.
  ['txt-1', () => true],
  ['txt-2', () => true],
]);

const parsed = new Map<string, ReturnType<typeof parseFhirPath>>();

/** Whether an invariant holds of an element. One that cannot be evaluated counts as held: it proves no fault. */
export function holds(
  constraint: Constraint,
  element: { readonly type: string; readonly value: unknown },
  around: Surroundings,
): boolean {
  const rule = RULES.get(constraint.key);
  if (rule) return typeof element.value !== 'object' || rule((element.value ?? {}) as Json, around);
  let atom = parsed.get(constraint.expression);
  if (!atom) {
    atom = parseFhirPath(constraint.expression);
    parsed.set(constraint.expression, atom);
  }
  try {
    const result = evalFhirPathTyped(atom, [element], {
      '%context': element,
      '%resource': typed(around.resource),
      '%rootResource': typed(around.root),
      '%ucum': { type: 'string', value: 'http://unitsofmeasure.org' },
    });
    return result.length === 1 && result[0]?.value === true;
  } catch {
    return true;
  }
}

function typed(resource: Json): { type: string; value: unknown } {
  return { type: resource['resourceType'] as string, value: resource };
}

const ASSERTIONS = [
  ...['contentType', 'expression', 'headerField', 'minimumId', 'navigationLinks', 'path'],
  ...['requestMethod', 'resource', 'responseCode', 'response', 'validateProfileId'],
];
function isSingleAssertion(assert: Json): boolean {
  return 'extension' in assert || ASSERTIONS.filter((name) => name in assert).length <= 1;
}

function hasValue(element: Json): boolean {
  return Object.keys(element).some((key) => key.startsWith('value') || key.startsWith('_value'));
}

/** Dates of different precision are in order unless the end lies wholly before the start. */
function inOrder(start: unknown, end: unknown): boolean {
  const first = typeof start === 'string' ? timeRange(start) : undefined;
  const last = typeof end === 'string' ? timeRange(end) : undefined;
  return !first || !last || first.from < last.to;
}

function quantitiesInOrder(low: unknown, high: unknown): boolean {
  const first = (low ?? {}) as Json;
  const last = (high ?? {}) as Json;
  if (first['system'] !== last['system'] || first['code'] !== last['code']) return true;
  if (typeof first['value'] !== 'number' || typeof last['value'] !== 'number') return true;
  return first['value'] <= last['value'];
}

function contained(resource: Json): readonly Json[] {
  const list: unknown = resource['contained'];
  return Array.isArray(list)
    ? list.filter((inner): inner is Json => typeof inner === 'object' && inner !== null)
    : [];
}

function pointsToContained(reference: unknown, root: Json): boolean {
  if (typeof reference !== 'string' || !reference.startsWith('#') || reference === '#') return true;
  return contained(root).some((inner) => inner['id'] === reference.slice(1));
}

/** A contained resource is referred to from around it, or refers to its container itself. */
function isReferenced(inner: Json, resource: Json): boolean {
  const id = inner['id'];
  return (typeof id === 'string' && mentions(resource, `#${id}`)) || mentions(inner, '#');
}

function mentions(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value === text;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((inner) => mentions(inner, text));
}

function hasMeta(resource: Json, names: readonly string[]): boolean {
  const meta = resource['meta'];
  return typeof meta === 'object' && meta !== null && names.some((name) => name in meta);
}
