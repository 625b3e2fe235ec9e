import type { Property, TypeModels } from '../type-model.ts';
import { decimalOf } from './decimal.ts';
import { FhirPathFault } from './fault.ts';
import { callOf } from './compile-call.ts';
import {
  boolean,
  integer,
  isSystem,
  itemsOf,
  modelOf,
  numberOf,
  ofTemporal,
  propertiesNamed,
  string,
} from './item.ts';
import type { FhirItem, Item, System } from './item.ts';
import { negative, ofTruth, OPERATORS, single, singleSystem, truth } from './operators.ts';
import { parse } from './parse.ts';
import type { Tree } from './parse.ts';
import type { Items, Scope, Step } from './scope.ts';
import { temporalOf, timeOf } from './temporal.ts';
import { isExactly, isOf, typeOf } from './types.ts';

const NONE: Items = [];

/** @throws FhirPathFault for what is no FHIRPath */
export function compileText(models: TypeModels, expression: string): Step {
  return compile(models, parse(expression));
}

export function compile(models: TypeModels, tree: Tree): Step {
  switch (tree.kind) {
    case 'variable':
      return variable(tree.name);
    case 'special':
      return special(tree.name);
    case 'member':
      return member(models, tree);
    case 'call':
      return callOf(models, tree, compile);
    case 'index':
      return indexed(compile(models, tree.of), compile(models, tree.index));
    case 'sign':
      return signed(compile(models, tree.of), tree.sign);
    case 'is':
    case 'as':
      return typed(models, tree);
    case 'binary':
      return binary(models, tree);
    default:
      return literal(tree);
  }
}

type Literal = Extract<
  Tree,
  { readonly kind: 'empty' | 'boolean' | 'string' | 'number' | 'date' | 'time' | 'quantity' }
>;

function literal(tree: Literal): Step {
  switch (tree.kind) {
    case 'empty':
      return () => NONE;
    case 'boolean':
      return constant(boolean(tree.value));
    case 'string':
      return constant(string(tree.text));
    case 'number':
      return constant(present(numberOf(tree.text), tree.text));
    case 'date':
      return constant(present(ofTemporal(temporalOf(tree.text)), tree.text));
    case 'time':
      return constant(present(ofTemporal(timeOf(tree.text)), tree.text));
    case 'quantity':
      return constant(quantity(tree.text, tree.unit));
  }
}

function constant(item: Item): Step {
  const items = [item];
  return () => items;
}

function present(value: System | undefined, text: string): System {
  if (value === undefined) throw new FhirPathFault(`${text} is no value`);
  return value;
}

function quantity(text: string, unit: string): System {
  return {
    type: 'Quantity',
    system: { value: decimalOf(text) ?? { digits: 0n, places: 0 }, unit },
  };
}

function variable(name: string): Step {
  return (_input, { world }) => {
    const found = world.variable(name);
    if (found === undefined) throw new FhirPathFault(`%${name} is not known here`);
    return found;
  };
}

function special(name: string): Step {
  switch (name) {
    case '$this':
      return (_input, { here }) => here;
    case '$index':
      return (_input, { index }) => [integer(index)];
    case '$total':
      return (_input, { total }) => total;
    default:
      throw new FhirPathFault(`${name} is not known`);
  }
}

function member(models: TypeModels, tree: Tree & { readonly kind: 'member' }): Step {
  const { of, name } = tree;
  const children = childrenNamed(models, name);
  if (of !== undefined) {
    const before = compile(models, of);
    assertMember(models, of, name);
    return (input, scope) => children(before(input, scope), scope);
  }
  if (!/^[A-Z]/.test(name)) return children;
  // A path may begin with the type that it is about.
  const type = { system: false, name };
  return (input, scope) => {
    const [first] = input;
    if (input.length === 1 && first && !isSystem(first) && isOf(models, first, type)) return input;
    return children(input, scope);
  };
}

/** After `as(Period)` it is known what there can be. */
function assertMember(models: TypeModels, of: Tree, name: string): void {
  if (of.kind !== 'as') return;
  const model = models.get(of.type);
  if (model && propertiesNamed(model, name) === undefined && model.kind !== 'primitive') {
    throw new FhirPathFault(`A ${of.type} has no ${name}`);
  }
}

function childrenNamed(models: TypeModels, name: string): Step {
  return (input, { world }) => {
    const found: Item[] = [];
    for (const item of input) {
      if (isSystem(item)) continue;
      if (item.type === 'TypeInfo') found.push(...ofTypeInfo(item, name));
      else addChildren(models, item, { name, found, strict: world.strict });
    }
    world.spend(input.length + found.length);
    return found;
  };
}

function ofTypeInfo(item: FhirItem, name: string): Items {
  const value = (item.value as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? [string(value)] : NONE;
}

const FEW = 4;

/** Returns, of a choice among many types, those whose member is there. */
function presentOf(
  { value, twin }: FhirItem,
  properties: readonly Property[],
): readonly Property[] {
  const fields = typeof value === 'object' && value !== null ? value : twin;
  if (fields === undefined) return [];
  const names = new Set(
    Object.keys(fields).map((name) => (name.startsWith('_') ? name.slice(1) : name)),
  );
  return properties.filter(({ name }) => names.has(name));
}

function addChildren(
  models: TypeModels,
  item: FhirItem,
  {
    name,
    found,
    strict,
  }: { readonly name: string; readonly found: Item[]; readonly strict: boolean },
): void {
  const model = modelOf(models, item);
  const properties = model && propertiesNamed(model, name);
  if (properties !== undefined) {
    const few = properties.length > FEW ? presentOf(item, properties) : properties;
    for (const property of few) itemsOf(item, property, found);
  } else if (strict) {
    throw new FhirPathFault(`A ${item.type} has no ${name}`);
  }
}

function indexed(of: Step, index: Step): Step {
  return (input, scope) => {
    const value = singleSystem(index(scope.here, scope));
    if (value === undefined) return NONE;
    if (value.type !== 'Integer') throw new FhirPathFault('An index is a whole number');
    const item = of(input, scope)[Number(value.system.digits)];
    return item === undefined ? NONE : [item];
  };
}

function signed(of: Step, sign: '+' | '-'): Step {
  return (input, scope) => {
    const items = of(input, scope);
    return sign === '-' ? negative(items) : items;
  };
}

function typed(models: TypeModels, tree: Tree & { readonly kind: 'is' | 'as' }): Step {
  const of = compile(models, tree.of);
  const type = typeOf(models, tree.type);
  if (tree.kind === 'is') {
    return (input, scope) => {
      const item = single(of(input, scope));
      return item === undefined ? NONE : [boolean(isOf(models, item, type))];
    };
  }
  return (input, scope) => of(input, scope).filter((item) => isExactly(models, item, type));
}

function binary(models: TypeModels, tree: Tree & { readonly kind: 'binary' }): Step {
  const left = compile(models, tree.left);
  const right = compile(models, tree.right);
  const both = (input: Items, scope: Scope) =>
    [truth(left(input, scope)), () => truth(right(input, scope))] as const;
  switch (tree.operator) {
    case 'and':
      return (input, scope) => {
        const [a, b] = both(input, scope);
        if (a === false) return ofTruth(false);
        const second = b();
        if (second === false) return ofTruth(false);
        return ofTruth(a === true && second === true ? true : undefined);
      };
    case 'or':
      return (input, scope) => {
        const [a, b] = both(input, scope);
        if (a === true) return ofTruth(true);
        const second = b();
        if (second === true) return ofTruth(true);
        return ofTruth(a === false && second === false ? false : undefined);
      };
    case 'xor':
      return (input, scope) => {
        const [a, b] = both(input, scope);
        const second = b();
        return ofTruth(a === undefined || second === undefined ? undefined : a !== second);
      };
    case 'implies':
      return (input, scope) => {
        const [a, b] = both(input, scope);
        if (a === false) return ofTruth(true);
        const second = b();
        if (second === true) return ofTruth(true);
        return ofTruth(a === true && second === false ? false : undefined);
      };
    default: {
      const operator = OPERATORS[tree.operator];
      if (operator === undefined) throw new FhirPathFault(`No operator ${tree.operator}`);
      return (input, scope) => operator(left(input, scope), right(input, scope));
    }
  }
}
