import type { Json } from './rule.ts';
import type { TypeModel } from './type-model.ts';

/** Required elements are there, and of a choice no more than one. */
export function checkPresence(
  model: TypeModel,
  value: Json,
  {
    path,
    report,
  }: {
    readonly path: string;
    readonly report: (path: string, code: string, fault: string) => void;
  },
): void {
  const has = (name: string): boolean => name in value || `_${name}` in value;
  for (const { definition, names } of model.required) {
    if (!names.some(has)) {
      report(`${path}.${definition.name}`, 'required', 'The element is required');
    }
  }
  for (const { definition, names } of model.choices) {
    const present = names.filter(has);
    if (present.length > 1) {
      const fault = `Only one of ${present.join(', ')} is allowed`;
      report(`${path}.${definition.name}`, 'structure', fault);
    }
  }
}
