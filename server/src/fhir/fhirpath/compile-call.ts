import type { Json } from '../rule.ts';
import type { TypeModels } from '../type-model.ts';
import { compareSystem, unseen } from './compare.ts';
import { FhirPathFault } from './fault.ts';
import { ITEM_FUNCTIONS } from './functions-on-items.ts';
import { VALUE_FUNCTIONS } from './functions-on-values.ts';
import { boolean, isSystem, itemsOf, modelOf, toSystem } from './item.ts';
import type { Item } from './item.ts';
import { single, singleSystem, truth } from './operators.ts';
import { typeNamed } from './parse.ts';
import type { Tree } from './parse.ts';
import type { Items, Scope, Step } from './scope.ts';
import { isExactly, isOf, typeOf } from './types.ts';

type Call = Tree & { readonly kind: 'call' };
type Compile = (models: TypeModels, tree: Tree) => Step;

const NONE: Items = [];

/** A function call on the items before it. @throws FhirPathFault for a function that is not known */
export function callOf(models: TypeModels, call: Call, compile: Compile): Step {
  const before = call.of === undefined ? undefined : compile(models, call.of);
  const act = functionOf(models, call, compile);
  if (before === undefined) return act;
  return (input, scope) => act(before(input, scope), scope);
}

function functionOf(models: TypeModels, { name, parameters }: Call, compile: Compile): Step {
  const compiled = (): Step[] => parameters.map((parameter) => compile(models, parameter));
  switch (name) {
    case 'is':
    case 'as':
    case 'ofType':
      return typeFunction(models, name, typeNamed(parameters[0]));
    case 'children':
      return (input, scope) => children(models, input, scope);
    case 'descendants':
      return (input, scope) => repeated((item) => children(models, [item], scope), input, scope);
    case 'extension':
      return extensions(models, compiled());
    case 'sort':
      return sorted(parameters, (tree) => compile(models, tree));
    default:
      return withCriterion(name, compiled()) ?? plain(name, compiled());
  }
}

function typeFunction(models: TypeModels, name: 'is' | 'as' | 'ofType', text: string): Step {
  const type = typeOf(models, text);
  if (name !== 'is') return (input) => input.filter((item) => isExactly(models, item, type));
  return (input) => {
    const item = single(input);
    return item === undefined ? NONE : [boolean(isOf(models, item, type))];
  };
}

/** Evaluates a criterion on one item of a collection. */
function on(criterion: Step, item: Item, index: number, scope: Scope): Items {
  scope.world.spend(1);
  const here = [item];
  return criterion(here, { ...scope, here, index });
}

/** Functions that evaluate their parameter on each item. */
function withCriterion(
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

function required(name: string, step: Step | undefined, make: (step: Step) => Step): Step {
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
function repeated(next: (item: Item) => Items, input: Items, scope: Scope, once = false): Items {
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

function children(models: TypeModels, input: Items, scope: Scope): Items {
  const found: Item[] = [];
  for (const item of input) {
    if (isSystem(item)) continue;
    const model = modelOf(models, item);
    const fields = typeof item.value === 'object' && item.value !== null ? item.value : item.twin;
    if (model === undefined || fields === undefined) continue;
    for (const name of membersOf(fields as Json)) {
      const property = model.properties.get(name);
      if (property) itemsOf(item, property, found);
    }
  }
  scope.world.spend(found.length);
  return found;
}

/** Names of members; `_birthDate` alone stands for `birthDate`. */
function membersOf(fields: Json): ReadonlySet<string> {
  return new Set(Object.keys(fields).map((name) => (name.startsWith('_') ? name.slice(1) : name)));
}

function extensions(models: TypeModels, [url]: readonly Step[]): Step {
  return required('extension', url, (step) => (input, scope) => {
    const wanted = singleSystem(step(scope.here, scope));
    if (wanted?.type !== 'String') return NONE;
    const found: Item[] = [];
    for (const item of input) {
      const model = isSystem(item) ? undefined : modelOf(models, item);
      const property = model?.properties.get('extension');
      if (property && !isSystem(item)) itemsOf(item, property, found);
    }
    return found.filter(
      ({ value }) => (value as { readonly url?: unknown } | undefined)?.url === wanted.system,
    );
  });
}

/** Keys of strings and of numbers; a minus before a key turns its order round. */
function sorted(parameters: readonly Tree[], compile: (tree: Tree) => Step): Step {
  const keys = parameters.map((tree) =>
    tree.kind === 'sign' && tree.sign === '-'
      ? { step: compile(tree.of), direction: -1 }
      : { step: compile(tree), direction: 1 },
  );
  if (keys.length === 0) keys.push({ step: (input) => input, direction: 1 });
  return (input, scope) => {
    const rows = input.map((item, index) => ({
      item,
      keys: keys.map(({ step }) => singleSystem(on(step, item, index, scope))),
    }));
    rows.sort((a, b) => {
      for (const [place, { direction }] of keys.entries()) {
        const [left, right] = [a.keys[place], b.keys[place]];
        if (left === undefined || right === undefined) {
          // An item without a key comes first, whatever the direction.
          if (left !== right) return left === undefined ? -1 : 1;
          continue;
        }
        const order = compareSystem(left, right);
        if (typeof order === 'object' && order.order !== 0) return order.order * direction;
      }
      return 0;
    });
    return rows.map(({ item }) => item);
  };
}

/** Functions whose parameters are values, evaluated where the function stands. */
function plain(name: string, parameters: readonly Step[]): Step {
  const onItems = ITEM_FUNCTIONS.get(name);
  if (onItems) {
    return (input, scope) =>
      onItems(
        input,
        parameters.map((step) => step(scope.here, scope)),
        scope,
      );
  }
  const tested = name.startsWith('convertsTo')
    ? VALUE_FUNCTIONS.get(name.replace('convertsTo', 'to'))
    : undefined;
  const onValue = VALUE_FUNCTIONS.get(name);
  if (onValue === undefined) throw new FhirPathFault(`There is no function ${name}()`);
  return (input, scope) => {
    const value = singleSystem(input);
    if (value === undefined) return NONE;
    const given = parameters.map((step) => singleSystem(step(scope.here, scope)));
    const found = (tested ?? onValue)(value, given);
    if (tested) return [boolean(found !== undefined)];
    if (found === undefined) return NONE;
    return 'type' in found ? [found] : found;
  };
}
