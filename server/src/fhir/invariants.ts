import { evalFhirPathTyped, parseFhirPath } from '@medplum/core';
import type { Constraint } from './definitions.ts';
import { RULES, TEXT_RULES } from './invariant-rules.ts';
import type { Json, Surroundings } from './rule.ts';

const parsed = new Map<string, ReturnType<typeof parseFhirPath>>();

/** Whether an invariant holds of an element. One that cannot be evaluated counts as held: it proves no fault. */
export function holds(
  constraint: Constraint,
  element: { readonly type: string; readonly value: unknown },
  around: Surroundings,
): boolean {
  const textRule = TEXT_RULES.get(constraint.key);
  if (textRule) return typeof element.value !== 'string' || textRule(element.value);
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
