import type { Json } from '../rule.ts';
import type { TypeModel } from '../type-model.ts';

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
  if (model.choices.length === 0) return;
  // A choice may have fifty names: it is the value's members that are few.
  const chosen = new Map<string, Set<string>>();
  for (const key of Object.keys(value)) {
    const name = key.startsWith('_') ? key.slice(1) : key;
    const element = model.properties.get(name)?.element;
    if (element?.choice !== true) continue;
    const names = chosen.get(element.name);
    if (names) names.add(name);
    else chosen.set(element.name, new Set([name]));
  }
  for (const [name, names] of chosen) {
    if (names.size < 2) continue;
    report(`${path}.${name}`, 'structure', `Only one of ${[...names].join(', ')} is allowed`);
  }
}
