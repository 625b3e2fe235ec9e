import { FhirPathFault } from './fault.ts';
import { callOf } from './compile-call.ts';
import { boolean, integer, isSystem, propertiesNamed } from './item.ts';
import { negative, OPERATORS } from './operators.ts';
import { ofTruth, single, singleSystem, truth } from './singletons.ts';
import { parse } from './parse.ts';
import type { Tree } from './parse.ts';
import { NONE } from './scope.ts';
import type { Items, Scope, Step } from './scope.ts';
import { isExactly, isOf, typeOf } from './types.ts';
import type { TypeModels } from './type-models.ts';
import { literal } from './compile-literal.ts';
import { childrenNamed } from './children-named.ts';

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
