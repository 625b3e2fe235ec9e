import type { Constraint } from '../definitions.ts';
import type { Issue } from '../errors.ts';
import type { Holds } from '../invariants/invariants.ts';
import type { Resolve } from '../profile/resolve.ts';
import type { Ruling } from '../rules/prose-rule.ts';
import { proseRules } from '../rules/prose-rules.ts';
import type { Json, Surroundings } from '../rule.ts';
import type { TypeModel } from '../type-model.ts';

/** Says how far a validation goes, and who hears of its findings. */
export interface Judging {
  /** Warnings and the rules of R4's text count, too. */
  readonly thorough: boolean;
  readonly terminology: Ruling['terminology'];
  readonly holds: Holds;
  /** Says why the literal of a Reference that decides whose data the resource is does not tell that, or undefined. */
  readonly undecided: (reference: object) => string | undefined;
  /** Returns what a reference leads to within what is judged. */
  readonly resolve: Resolve;
  readonly put: (issue: Issue) => void;
}

interface Placed {
  readonly type: string;
  readonly value: unknown;
  readonly path: string;
  readonly around: Surroundings;
}

/** Invariants on one element. */
export function checkConstraints(
  judging: Judging,
  constraints: readonly Constraint[],
  { path, around, ...element }: Placed,
): void {
  for (const constraint of constraints) {
    if (constraint.warning === true && !judging.thorough) continue;
    if (judging.holds(constraint, element, around)) continue;
    judging.put({
      severity: constraint.warning === true ? 'warning' : 'error',
      code: 'invariant',
      diagnostics: `${path}: ${constraint.human} (${constraint.key})`,
      expression: [path],
    });
  }
}

/** Checks what R4's text says of elements of this type. */
export function checkProse(
  { thorough, terminology, put }: Judging,
  { name, kind }: TypeModel,
  value: Json,
  { path, around }: Pick<Placed, 'path' | 'around'>,
): void {
  if (!thorough) return;
  const say =
    (severity: Issue['severity']): Ruling['report'] =>
    (code, text, below = '') => {
      const at = path + below;
      put({ severity, code, diagnostics: `${at}: ${text}`, expression: [at] });
    };
  const ruling = { path, around, terminology, report: say('error'), warn: say('warning') };
  for (const rule of proseRules(name)) rule(value, ruling);
  if (kind !== 'resource') return;
  for (const rule of proseRules('Resource')) rule(value, ruling);
}
