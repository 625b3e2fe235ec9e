import { NONE } from './scope.ts';
import type { Items } from './scope.ts';
import { compareSystem } from './compare.ts';
import { areEqual, areEquivalent, distinct, isIn } from './equality.ts';
import { negate } from './decimal.ts';
import { FhirPathFault } from './fault.ts';
import { boolean, decimal, integer, string } from './item.ts';
import {
  arithmetic,
  isNumber,
  numeric,
  plus,
  minus,
  times,
  over,
  scaled,
  whole,
} from './arithmetic.ts';
import { single, singleSystem, ofTruth } from './singletons.ts';

/** Operators that look at values only; `and`, `or` and the like are compiled apart. */
export const OPERATORS: Readonly<Record<string, (left: Items, right: Items) => Items>> = {
  '=': (left, right) => (bothPresent(left, right) && ofTruth(areEqual(left, right))) || NONE,
  '!=': (left, right) => {
    if (left.length === 0 || right.length === 0) return NONE;
    const same = areEqual(left, right);
    return ofTruth(same === undefined ? undefined : !same);
  },
  '~': (left, right) => [boolean(areEquivalent(left, right))],
  '!~': (left, right) => [boolean(!areEquivalent(left, right))],
  '<': ordered((order) => order < 0),
  '>': ordered((order) => order > 0),
  '<=': ordered((order) => order <= 0),
  '>=': ordered((order) => order >= 0),
  '|': (left, right) => distinct([...left, ...right]),
  in: (left, right) => {
    const item = single(left);
    return item === undefined ? NONE : [boolean(isIn(item, right))];
  },
  contains: (left, right) => {
    const item = single(right);
    return item === undefined ? NONE : [boolean(isIn(item, left))];
  },
  '&': (left, right) => [string(textOf(left) + textOf(right))],
  '+': arithmetic('+', plus),
  '-': arithmetic('-', minus),
  '*': arithmetic('*', times),
  '/': arithmetic('/', over),
  div: arithmetic('div', (a, b) => whole(a, b, ({ quotient }) => integer(quotient))),
  mod: arithmetic('mod', (a, b) =>
    whole(a, b, ({ remainder }) =>
      a.type === 'Integer' && b.type === 'Integer' ? integer(remainder.digits) : decimal(remainder),
    ),
  ),
};

function bothPresent(left: Items, right: Items): boolean {
  return left.length > 0 && right.length > 0;
}

function ordered(test: (order: number) => boolean): (left: Items, right: Items) => Items {
  return (left, right) => {
    const [a, b] = [singleSystem(left), singleSystem(right)];
    if (a === undefined || b === undefined) return NONE;
    const found = compareSystem(a, b);
    if (found === 'other') throw new FhirPathFault(`A ${a.type} and a ${b.type} have no order`);
    return found === 'open' ? NONE : [boolean(test(found.order))];
  };
}

function textOf(items: Items): string {
  const value = singleSystem(items);
  if (value === undefined) return '';
  if (value.type !== 'String') throw new FhirPathFault('& joins strings');
  return value.system;
}

/** `-` before a number or a quantity. */
export function negative(items: Items): Items {
  const value = singleSystem(items);
  if (value === undefined) return NONE;
  if (isNumber(value)) return [numeric(value, value, negate(value.system))];
  if (value.type === 'Quantity') return [scaled(value.system, negate(value.system.value))];
  throw new FhirPathFault(`A ${value.type} has no sign`);
}
