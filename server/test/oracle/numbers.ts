import type { Answer } from './answer.ts';
import { compare, decimal, minus, plus, tenth } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { eitherWay, holds, overlaps } from './interval.ts';
import type { Interval } from './interval.ts';
import type { Json } from './official.ts';
import type { Prefix } from './question.ts';

export type Stretch = Interval<Decimal>;

/** A stored number is the point it names. */
export function point(value: unknown): Stretch | undefined {
  if (typeof value !== 'number') return undefined;
  const at = decimal(String(value));
  return { low: at, high: at, highClosed: true };
}

/** A Range, either end of which may be open. */
export function rangeStretch(range: Json): Stretch | undefined {
  const low = point((range['low'] as Json | undefined)?.['value'])?.low;
  const high = point((range['high'] as Json | undefined)?.['value'])?.low;
  if (low === undefined && high === undefined) return undefined;
  return {
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high, highClosed: true }),
  };
}

/** What a comparator makes of a quantity's value. */
export function compared(value: unknown, comparator: unknown): Stretch | undefined {
  const at = point(value)?.low;
  if (at === undefined) return undefined;
  switch (comparator) {
    case '<':
      return { high: at };
    case '<=':
      return { high: at, highClosed: true };
    case '>':
      return { low: at, lowOpen: true };
    case '>=':
      return { low: at };
    default:
      return { low: at, high: at, highClosed: true };
  }
}

/** https://hl7.org/fhir/R4/search.html#number */
export function numberHolds(target: Stretch, prefix: Prefix | undefined, text: string): Answer {
  const value = decimal(text);
  if (prefix === 'ap') {
    const margin = tenth(value);
    const near = { low: minus(value, margin), high: plus(value, margin) };
    // Whether its limits are within ten percent is nobody's question.
    return eitherWay([
      () => overlaps({ ...near, highClosed: true }, target, compare),
      () => overlaps({ ...near, lowOpen: true }, target, compare),
    ]);
  }
  const exactly: Stretch = { low: value, high: value, highClosed: true };
  const above: Stretch = { low: value, lowOpen: true };
  const below: Stretch = { high: value };
  const implicit = prefix === undefined || prefix === 'eq' || prefix === 'ne';
  const readings = implicit ? impliedRanges(text, value) : [exactly];
  return eitherWay(
    readings.map((range) => () => holds(prefix ?? 'eq', target, { range, above, below }, compare)),
  );
}

/**
 * Half of the last digit's worth in both directions. Of a lone digit with an exponent R4 says [95, 105) for 1e2, where
 * its own rule of significant digits gives [50, 150).
 */
function impliedRanges(text: string, value: Decimal): Stretch[] {
  const half = (places: number): Stretch => {
    const margin = { units: 5n, places: places + 1 };
    return { low: minus(value, margin), high: plus(value, margin) };
  };
  const ranges = [half(value.places)];
  if (/^[-+]?\d[eE]/.test(text)) ranges.push(half(value.places + 1));
  return ranges;
}
