import { NONE } from './scope.ts';
import { inOneUnit } from './compare.ts';
import { add, divide, divideWhole, multiply, negate } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { FhirPathFault } from './fault.ts';
import { decimal, integer, string } from './item.ts';
import type { Amount, System } from './item.ts';
import { addDuration } from './temporal-arithmetic.ts';
import { singleSystem } from './singletons.ts';
import type { Items } from './scope.ts';

/** `undefined` of the operation: it does not apply; an empty result is `null`-like and comes as no item. */
export function arithmetic(
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

export function isNumber(value: System): value is System & { readonly system: Decimal } {
  return value.type === 'Integer' || value.type === 'Decimal';
}

export function numeric(a: System, b: System, result: Decimal): System {
  return a.type === 'Integer' && b.type === 'Integer' && result.places === 0
    ? integer(result.digits)
    : decimal(result);
}

export function plus(a: System, b: System): System | 'empty' | undefined {
  if (isNumber(a) && isNumber(b)) return numeric(a, b, add(a.system, b.system));
  if (a.type === 'String' && b.type === 'String') return string(a.system + b.system);
  if (a.type === 'Quantity' && b.type === 'Quantity') return sum(a.system, b.system);
  return b.type === 'Quantity' ? later(a, b.system) : undefined;
}

export function minus(a: System, b: System): System | 'empty' | undefined {
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

export function times(a: System, b: System): System | undefined {
  if (isNumber(a) && isNumber(b)) return numeric(a, b, multiply(a.system, b.system));
  if (a.type === 'Quantity' && isNumber(b))
    return scaled(a.system, multiply(a.system.value, b.system));
  if (isNumber(a) && b.type === 'Quantity')
    return scaled(b.system, multiply(a.system, b.system.value));
  if (a.type !== 'Quantity' || b.type !== 'Quantity') return undefined;
  const { value, unit } = a.system;
  return product(multiply(value, b.system.value), unit, b.system.unit, '.');
}

export function over(a: System, b: System): System | 'empty' | undefined {
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

export function scaled(amount: Amount, value: Decimal): System {
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

export function whole(
  a: System,
  b: System,
  pick: (found: NonNullable<ReturnType<typeof divideWhole>>) => System,
): System | 'empty' | undefined {
  if (!isNumber(a) || !isNumber(b)) return undefined;
  const found = divideWhole(a.system, b.system);
  return found === undefined ? 'empty' : pick(found);
}
