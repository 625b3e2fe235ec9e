import { unseen } from './equality.ts';
import { FhirPathFault } from './fault.ts';
import { boolean, toSystem } from './item.ts';
import type { Item } from './item.ts';
import { single, truth } from './singletons.ts';
import { NONE } from './scope.ts';
import type { Items, Scope, Step } from './scope.ts';

/** Evaluates a criterion on one item of a collection. */
export function on(criterion: Step, item: Item, index: number, scope: Scope): Items {
  scope.world.spend(1);
  const here = [item];
  return criterion(here, { ...scope, here, index });
}

/** Functions that evaluate their parameter on each item. */
export function withCriterion(
  name: string,
  [criterion, second, third]: readonly Step[],
): Step | undefined {
  const holds = (item: Item, index: number, scope: Scope): boolean =>
    criterion !== undefined && truth(on(criterion, item, index, scope)) === true;
  switch (name) {
    case 'where':
      return (input, scope) => input.filter((item, index) => holds(item, index, scope));
    case 'exists':
      return criterion === undefined
        ? (input) => [boolean(input.length > 0)]
        : (input, scope) => [boolean(input.some((item, index) => holds(item, index, scope)))];
    case 'all':
      return (input, scope) => [boolean(input.every((item, index) => holds(item, index, scope)))];
    case 'select':
      return required(
        name,
        criterion,
        (step) => (input, scope) => input.flatMap((item, index) => on(step, item, index, scope)),
      );
    case 'repeat':
      return required(
        name,
        criterion,
        (step) => (input, scope) =>
          repeated((item) => on(step, item, 0, scope), input, scope, true),
      );
    case 'aggregate':
      return required(name, criterion, (step) => aggregate(step, second));
    case 'trace':
      return (input) => input;
    case 'iif':
      return required(name, criterion, (step) => conditional(step, second, third));
    default:
      return undefined;
  }
}

export function required(name: string, step: Step | undefined, make: (step: Step) => Step): Step {
  if (step === undefined) throw new FhirPathFault(`${name}() needs a parameter`);
  return make(step);
}

function aggregate(step: Step, start: Step | undefined): Step {
  return (input, scope) => {
    let total: Items = start?.(input, scope) ?? NONE;
    input.forEach((item, index) => {
      const here = [item];
      total = step(here, { ...scope, here, index, total });
    });
    return total;
  };
}

function conditional(criterion: Step, yes: Step | undefined, no: Step | undefined): Step {
  return (input, scope) => {
    if (input.length > 1) throw new FhirPathFault('iif() takes a single item');
    const inner = input.length === 0 ? scope : { ...scope, here: input };
    const value = single(criterion(input, inner));
    const flag = value && toSystem(value);
    if (value !== undefined && flag?.type !== 'Boolean') {
      throw new FhirPathFault('The criterion of iif() is true or false');
    }
    return (flag?.system === true ? yes : no)?.(input, inner) ?? NONE;
  };
}

/** @param once items that are equal to one that is there are left out */
export function repeated(
  next: (item: Item) => Items,
  input: Items,
  scope: Scope,
  once = false,
): Items {
  const found: Item[] = [];
  const isNew = unseen();
  let layer = input;
  while (layer.length > 0) {
    const fresh: Item[] = [];
    for (const one of layer.flatMap(next)) {
      if (!once || isNew(one)) fresh.push(one);
    }
    scope.world.spend(fresh.length);
    found.push(...fresh);
    layer = fresh;
  }
  return found;
}
