import type { Constraint } from '../definitions.ts';
import { createFhirPath } from '../fhirpath/engine.ts';
import type { More } from '../fhirpath/engine.ts';
import { FhirPathFault } from '../fhirpath/fault.ts';
import { RULES, TEXT_RULES } from './invariant-rules.ts';
import type { Json, Surroundings } from '../rule.ts';
import type { TypeModels } from '../type-model.ts';

/**
 * Tells whether an invariant holds of an element. One that cannot be evaluated counts as held: it proves no fault.
 *
 * @rule invariant
 */
export type Holds = (
  constraint: Constraint,
  element: { readonly type: string; readonly value: unknown },
  around: Surroundings,
) => boolean;

export function createInvariants(models: TypeModels, more: Partial<More> = {}): Holds {
  const engine = createFhirPath(models);
  return (constraint, { type, value }, around) => {
    const textRule = TEXT_RULES.get(constraint.key);
    if (textRule) return typeof value !== 'string' || textRule(value);
    const rule = RULES.get(constraint.key);
    if (rule) return typeof value !== 'object' || rule((value ?? {}) as Json, around);
    try {
      const found = engine.evaluate(constraint.expression, { type, value, around }, more);
      return found.length === 1 && (found[0]?.system ?? found[0]?.value) === true;
    } catch (error) {
      if (!(error instanceof FhirPathFault)) throw error;
      return true;
    }
  };
}
