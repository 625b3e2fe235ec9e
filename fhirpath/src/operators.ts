import { areEqual, areEquivalent, compareSystem, distinct, inOneUnit, isIn } from './compare.ts';
import { add, divide, divideWhole, multiply, negate } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { FhirPathFault } from './fault.ts';
import { boolean, decimal, integer, string, toSystem } from './item.ts';
import type { Amount, Item, System } from './item.ts';
import { addDuration } from './temporal.ts';

type Items = readonly Item[];
const NONE: Items = [];

/** The one item of an operand; undefined when it is empty. @throws FhirPathFault for several */
export function single(items: Items): Item | undefined {
  if (items.length > 1) throw new FhirPathFault('A single item is expected, not several');
  return items[0];
}

export function singleSystem(items: Items): System | undefined {
  const item = single(items);
  if (item === undefined) return undefined;
  const value = toSystem(item);
  if (value === undefined && item.value !== undefined) {
    throw new FhirPathFault(`A ${item.type} is no single value`);
  }
  return value;
}

/** A single item that is no boolean counts as true: http://hl7.org/fhirpath/N1/index.html#singleton-evaluation-of-collections */
export function truth(items: Items): boolean | undefined {
  const item = single(items);
  if (item === undefined) return undefined;
  const value = toSystem(item);
  return value?.type === 'Boolean' ? value.system : true;
}

export function ofTruth(value: boolean | undefined): Items {
  return value === undefined ? NONE : [boolean(value)];
}

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

/** `undefined` of the operation: it does not apply; an empty result is `null`-like and comes as no item. */
function arithmetic(
  name: string,
  act: (a: System, b: System) => System | 'empty' | undefined,
): (left: Items, right: Items) => Items {
  return (left, right) => {
    const [a, b] = [singleSystem(left), singleSystem(right)];
    if (a === undefined || b === undefined) return NONE;
    const result = act(a, b);
    if (result === undefined) {
      throw new FhirPathFault(`${name} does not apply to a ${a.type} and a ${b.type}`);
    }
    return result === 'empty' ? NONE : [result];
  };
}

function isNumber(value: System): value is System & { readonly system: Decimal } {
  return value.type === 'Integer' || value.type === 'Decimal';
}

function numeric(a: System, b: System, result: Decimal): System {
  return a.type === 'Integer' && b.type === 'Integer' && result.places === 0
    ? integer(result.digits)
    : decimal(result);
}

function plus(a: System, b: System): System | 'empty' | undefined {
  if (isNumber(a) && isNumber(b)) return numeric(a, b, add(a.system, b.system));
  if (a.type === 'String' && b.type === 'String') return string(a.system + b.system);
  if (a.type === 'Quantity' && b.type === 'Quantity') return sum(a.system, b.system);
  return b.type === 'Quantity' ? later(a, b.system) : undefined;
}

function minus(a: System, b: System): System | 'empty' | undefined {
  if (isNumber(a) && isNumber(b)) return numeric(a, b, add(a.system, negate(b.system)));
  if (b.type !== 'Quantity') return undefined;
  const negative = { ...b.system, value: negate(b.system.value) };
  return a.type === 'Quantity' ? sum(a.system, negative) : later(a, negative);
}

function sum(a: Amount, b: Amount): System | 'empty' {
  if (a.unit === b.unit) {
    return { type: 'Quantity', system: { value: add(a.value, b.value), unit: a.unit } };
  }
  const both = inOneUnit(a, b);
  const one = inOneUnit({ ...a, value: { digits: 1n, places: 0 } }, a)?.[0];
  const base = inOneUnit({ value: { digits: 1n, places: 0 }, unit: b.unit }, a)?.[0];
  if (!both || !one || !base) return 'empty';
  // In the unit of the first.
  const factor = divide(both[0], a.value) ?? one;
  const value = divide(add(both[0], both[1]), factor);
  return value === undefined ? 'empty' : { type: 'Quantity', system: { value, unit: a.unit } };
}

function later(a: System, { value, unit }: Amount): System | undefined {
  if (a.type !== 'Date' && a.type !== 'DateTime' && a.type !== 'Time') return undefined;
  const amount = Number(value.digits) / 10 ** value.places;
  const found = addDuration(a.system, amount, unit);
  return found && { type: a.type, system: found };
}

function times(a: System, b: System): System | undefined {
  if (isNumber(a) && isNumber(b)) return numeric(a, b, multiply(a.system, b.system));
  if (a.type === 'Quantity' && isNumber(b))
    return scaled(a.system, multiply(a.system.value, b.system));
  if (isNumber(a) && b.type === 'Quantity')
    return scaled(b.system, multiply(a.system, b.system.value));
  if (a.type !== 'Quantity' || b.type !== 'Quantity') return undefined;
  const { value, unit } = a.system;
  return product(multiply(value, b.system.value), unit, b.system.unit, '.');
}

function over(a: System, b: System): System | 'empty' | undefined {
  if (isNumber(a) && isNumber(b)) {
    const found = divide(a.system, b.system);
    return found === undefined ? 'empty' : decimal(found);
  }
  if (a.type !== 'Quantity') return undefined;
  if (isNumber(b)) {
    const found = divide(a.system.value, b.system);
    return found === undefined ? 'empty' : scaled(a.system, found);
  }
  if (b.type !== 'Quantity') return undefined;
  const both = inOneUnit(a.system, b.system);
  const found = divide(...(both ?? [a.system.value, b.system.value]));
  if (found === undefined) return 'empty';
  return product(found, both ? '1' : a.system.unit, both ? '1' : b.system.unit, '/');
}

function scaled(amount: Amount, value: Decimal): System {
  return { type: 'Quantity', system: { ...amount, value } };
}

function product(value: Decimal, a: string, b: string, sign: '.' | '/'): System {
  const unit =
    b === '1'
      ? a
      : a === '1' && sign === '.'
        ? b
        : sign === '.' && a === b
          ? `${a}2`
          : `${a}${sign}${b}`;
  return { type: 'Quantity', system: { value, unit } };
}

function whole(
  a: System,
  b: System,
  pick: (found: NonNullable<ReturnType<typeof divideWhole>>) => System,
): System | 'empty' | undefined {
  if (!isNumber(a) || !isNumber(b)) return undefined;
  const found = divideWhole(a.system, b.system);
  return found === undefined ? 'empty' : pick(found);
}

/** `-` before a number or a quantity. */
export function negative(items: Items): Items {
  const value = singleSystem(items);
  if (value === undefined) return NONE;
  if (isNumber(value)) return [numeric(value, value, negate(value.system))];
  if (value.type === 'Quantity') return [scaled(value.system, negate(value.system.value))];
  throw new FhirPathFault(`A ${value.type} has no sign`);
}
