import type { Json, Surroundings } from '../rule.ts';
import type { Property } from '../type-model.ts';
import { checkCanonical, checkReference } from './check-reference.ts';
import { checkConstraints } from './element-rules.ts';
import type { Judging } from './element-rules.ts';
import type { Knowledge } from './knowledge.ts';
import { bindingFault } from './value-rules.ts';

/** Checks one value of an element, whose form is that of its type, against what the element's definition says. */
export function checkElement(
  { definitions, concrete }: Knowledge,
  judging: Judging,
  { type, element: { binding, targets, constraints } }: Property,
  {
    value,
    path,
    around,
  }: { readonly value: unknown; readonly path: string; readonly around: Surroundings },
): void {
  if (binding !== undefined) {
    const fault = bindingFault(definitions, binding, { type, value });
    if (fault !== undefined) {
      const diagnostics = `${path}: ${fault}`;
      judging.put({ severity: 'error', code: 'code-invalid', diagnostics, expression: [path] });
    }
  }
  if (type === 'Reference') {
    checkReference(judging, value as Json, { targets, path, around, concrete });
  }
  if (type === 'canonical') checkCanonical(judging, value, path);
  if (constraints === undefined) return;
  // The type itself has ext-1, too.
  const own = type === 'Extension' ? constraints.filter(({ key }) => key !== 'ext-1') : constraints;
  checkConstraints(judging, own, { type, value, path, around });
}
