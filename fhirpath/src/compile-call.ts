import { compareSystem } from './compare.ts';
import { FhirPathFault } from './fault.ts';
import { ITEM_FUNCTIONS } from './functions-on-items.ts';
import { VALUE_FUNCTIONS } from './functions-on-values.ts';
import { boolean, isSystem, itemsOf, modelOf } from './item.ts';
import type { Item } from './item.ts';
import { single, singleSystem } from './singletons.ts';
import { typeNamed } from './parse.ts';
import type { Tree } from './parse.ts';
import { NONE } from './scope.ts';
import type { Items, Scope, Step } from './scope.ts';
import { isExactly, isOf, typeOf } from './types.ts';
import type { Json, TypeModels } from './type-models.ts';
import { on, withCriterion, required, repeated } from './functions-with-criterion.ts';

type Call = Tree & { readonly kind: 'call' };

type Compile = (models: TypeModels, tree: Tree) => Step;

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
