import { canonicalUnit } from '../terminology/ucum.ts';
import { compareDecimals, cut, fromNumber, round, toNumber } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { isSystem, toSystem } from './item.ts';
import type { Amount, Item, System } from './item.ts';
import { compareTemporals } from './temporal.ts';
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

function isTemporal(
  value: System,
): value is { readonly type: 'Date' | 'DateTime' | 'Time'; readonly system: Temporal } {
  return value.type === 'Date' || value.type === 'DateTime' || value.type === 'Time';
}

function amountOf(value: System): Amount | undefined {
  if (value.type === 'Quantity') return value.system;
  return isNumber(value) ? { value: value.system, unit: '1' } : undefined;
}

/** Undefined where precision leaves it open. */
function isEqual(a: Item, b: Item): boolean | undefined {
  const [left, right] = [toSystem(a), toSystem(b)];
  if (left && right) {
    if (left.type === 'Boolean' || right.type === 'Boolean') {
      return left.type === right.type && left.system === right.system;
    }
    const found = compareSystem(left, right);
    if (found === 'open') return undefined;
    return found !== 'other' && found.order === 0;
  }
  if (isSystem(a) || isSystem(b)) return false;
  return isSameJson(a.value, b.value);
}

/** Tells whether collections are equal, in order; undefined where that is open. */
export function areEqual(left: readonly Item[], right: readonly Item[]): boolean | undefined {
  if (left.length !== right.length) return false;
  let open = false;
  for (const [index, item] of left.entries()) {
    const other = right[index];
    const same = other === undefined ? false : isEqual(item, other);
    if (same === false) return false;
    if (same === undefined) open = true;
  }
  return open ? undefined : true;
}

/** Equality for sets: what is open is not equal. */
export function isIn(item: Item, list: readonly Item[]): boolean {
  return list.some((one) => isEqual(item, one) === true);
}

/** Tells of each item whether an equal one was asked about before; in linear time but for numbers, dates and quantities. */
export function unseen(): (item: Item) => boolean {
  const keys = new Set<string>();
  const others: Item[] = [];
  return (item) => {
    const key = keyOf(item);
    if (key === undefined) {
      if (isIn(item, others)) return false;
      others.push(item);
      return true;
    }
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  };
}

export function distinct(items: readonly Item[]): readonly Item[] {
  return items.filter(unseen());
}

/** The same for items that are equal; undefined where equality is more than that. */
function keyOf(item: Item): string | undefined {
  const value = toSystem(item);
  if (value === undefined) return isSystem(item) ? undefined : `json ${canonical(item.value)}`;
  if (value.type === 'String') return `text ${value.system}`;
  return value.type === 'Boolean' ? `boolean ${String(value.system)}` : undefined;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** http://hl7.org/fhirpath/N1/index.html#equivalent */
export function areEquivalent(left: readonly Item[], right: readonly Item[]): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  return left.every((item) => {
    const index = rest.findIndex((other) => isEquivalent(item, other));
    if (index < 0) return false;
    rest.splice(index, 1);
    return true;
  });
}

function isEquivalent(a: Item, b: Item): boolean {
  const [left, right] = [toSystem(a), toSystem(b)];
  if (!left || !right) {
    return !isSystem(a) && !isSystem(b) && isSameJson(folded(a.value), folded(b.value));
  }
  if (left.type === 'Boolean' || right.type === 'Boolean') {
    return left.type === right.type && left.system === right.system;
  }
  if (left.type === 'String' && right.type === 'String') {
    return folded(left.system) === folded(right.system);
  }
  if (isTemporal(left) && isTemporal(right)) {
    return (
      left.system.parts.length === right.system.parts.length &&
      compareTemporals(left.system, right.system) === 0
    );
  }
  const [first, second] = [amountOf(left), amountOf(right)];
  const both = first && second && inOneUnit(first, second, true);
  return both !== undefined && areNear(...both);
}

/** Equal when both are rounded to the places of the one that has fewer. */
function areNear(a: Decimal, b: Decimal): boolean {
  const places = Math.min(significant(a), significant(b));
  return compareDecimals(round(a, places), round(b, places)) === 0;
}

function significant(value: Decimal): number {
  let places = value.places;
  while (places > 0 && compareDecimals(cut(value, places - 1, 0), value) === 0) places--;
  return places;
}

function folded(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase().replace(/\s+/g, ' ').trim();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(folded);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'id')
      .map(([name, inner]) => [name, folded(inner)]),
  );
}

function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => isSameJson(left[name], right[name]));
}
