import { CONTAINMENT_RULES } from './containment.ts';
import { isPlainXhtml, saysSomething } from '../rules/narrative.ts';
import { UNIQUENESS_RULES } from './uniqueness.ts';
import { timeRange } from '../instant.ts';
import type { Json, Rule } from '../rule.ts';

/**
 * Invariants as plain code, by key: those that occur in almost every resource, those that FHIRPath states badly, and
 * those whose evaluation would take time with the square of the resource's size.
 */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['ext-1', (element) => hasValue(element) !== 'extension' in element],
  ['qty-3', (element) => !('code' in element) || 'system' in element],
  ['per-1', (element) => inOrder(element['start'], element['end'])],
  ['rng-2', (element) => quantitiesInOrder(element['low'], element['high'])],
  // The evaluator takes `response` for a choice and finds `responseCode`.
  ['tst-5', isSingleAssertion],
  ['tst-6', isSingleAssertion],
  ...CONTAINMENT_RULES,
  ...UNIQUENESS_RULES,
]);

/** Invariants of text. */
export const TEXT_RULES: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['txt-1', isPlainXhtml],
  ['txt-2', saysSomething],
]);

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
