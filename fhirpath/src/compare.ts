import { canonicalUnit } from './ucum.ts';
import { compareDecimals, fromNumber, toNumber } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import type { Amount, System } from './item.ts';
import { compareTemporals } from './temporal-arithmetic.ts';
import type { Temporal } from './temporal.ts';

const CALENDAR: Readonly<Record<string, string>> = {
  ...{ year: 'a', month: 'mo', week: 'wk', day: 'd', hour: 'h', minute: 'min', second: 's' },
  millisecond: 'ms',
};

/** The UCUM code of a unit; durations of the calendar that have no fixed length keep their name. */
function codeOf(unit: string, lenient: boolean): string {
  const name = unit.replace(/s$/, '');
  const code = name === '' ? undefined : CALENDAR[name];
  if (code === undefined) return unit;
  return !lenient && (code === 'a' || code === 'mo') ? name : code;
}

/** Both in units of the same kind; undefined where they cannot be compared. */
export function inOneUnit(
  a: Amount,
  b: Amount,
  lenient = false,
): readonly [Decimal, Decimal] | undefined {
  const [left, right] = [codeOf(a.unit, lenient), codeOf(b.unit, lenient)];
  if (left === right) return [a.value, b.value];
  const [first, second] = [canonicalUnit(left), canonicalUnit(right)];
  if (first === undefined || second === undefined || first.dimension !== second.dimension) {
    return undefined;
  }
  return [
    fromNumber(Number(first.convert(toNumber(a.value)).toPrecision(12))),
    fromNumber(Number(second.convert(toNumber(b.value)).toPrecision(12))),
  ];
}

type Ordered = { readonly order: number } | 'open' | 'other';

/** `open`: it cannot be told. `other`: values that have no order among each other. */
export function compareSystem(a: System, b: System): Ordered {
  if (isNumber(a) && isNumber(b)) return { order: compareDecimals(a.system, b.system) };
  if (a.type === 'String' && b.type === 'String') {
    return { order: a.system < b.system ? -1 : a.system > b.system ? 1 : 0 };
  }
  if (isTemporal(a) && isTemporal(b)) {
    if ((a.type === 'Time') !== (b.type === 'Time')) return 'other';
    const order = compareTemporals(a.system, b.system);
    return order === undefined ? 'open' : { order };
  }
  const [left, right] = [amountOf(a), amountOf(b)];
  if (left === undefined || right === undefined) return 'other';
  const both = inOneUnit(left, right);
  return both === undefined ? 'open' : { order: compareDecimals(...both) };
}

function isNumber(
  value: System,
): value is { readonly type: 'Integer' | 'Decimal'; readonly system: Decimal } {
  return value.type === 'Integer' || value.type === 'Decimal';
}

export function isTemporal(
  value: System,
): value is { readonly type: 'Date' | 'DateTime' | 'Time'; readonly system: Temporal } {
  return value.type === 'Date' || value.type === 'DateTime' || value.type === 'Time';
}

export function amountOf(value: System): Amount | undefined {
  if (value.type === 'Quantity') return value.system;
  return isNumber(value) ? { value: value.system, unit: '1' } : undefined;
}
