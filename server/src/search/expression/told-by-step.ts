import { typeNamed } from '@chartseal/fhirpath';
import type { Tree } from '@chartseal/fhirpath';
import type { TypeModels } from '../../fhir/type-model.ts';
import type { Step } from './element-path.ts';
import type { Leading, Destination } from './expression-steps.ts';

export function bareName(type: string): string {
  return type.replace(/^FHIR\./, '');
}

/** The element is there once at most. */
export function isOne(models: TypeModels, type: string, name: string): boolean {
  const property = models.get(type)?.properties.get(name);
  return property !== undefined && !property.many;
}

/** The place with its last step changed, where that step does not say something of its values already. */
export function withStep(
  place: Destination,
  on: Leading,
  change: (step: Step) => Step,
): Destination {
  const last = place.steps.at(-1);
  // A step says one thing of its values.
  if (last === undefined || last.where || last.target || last.index !== undefined) on.plain = false;
  if (last === undefined) return place;
  return { ...place, steps: [...place.steps.slice(0, -1), change(last)] };
}

/** The type in `resolve() is T`. */
export function targetAsked(criterion: Tree): string | undefined {
  const { kind } = criterion;
  if (kind === 'is') return isResolve(criterion.of) ? bareName(criterion.type) : undefined;
  if (kind !== 'call' || criterion.name !== 'is' || criterion.of === undefined) return undefined;
  return isResolve(criterion.of) ? bareName(typeNamed(criterion.parameters[0])) : undefined;
}

function isResolve(tree: Tree): boolean {
  return tree.kind === 'call' && tree.name === 'resolve' && tree.of === undefined;
}
