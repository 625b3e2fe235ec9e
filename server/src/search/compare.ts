import type { PartEntry, Prefix } from './query.ts';

/**
 * Says how a value searched for is compared with an indexed value: https://hl7.org/fhir/R4/search.html#prefix
 * Both are half-open ranges [low, high). Stores translate this table; tests judge them by these functions.
 *
 * | prefix | holds when                                                        | as bounds                        |
 * | ------ | ----------------------------------------------------------------- | -------------------------------- |
 * | eq     | the searched range contains the indexed one                       | low >= s.low and high <= s.high  |
 * | ne     | it does not                                                       | low < s.low or high > s.high     |
 * | gt     | the range above the searched one overlaps the indexed one         | high > s.high                    |
 * | lt     | the range below the searched one overlaps the indexed one         | low < s.low                      |
 * | ge     | gt or eq                                                          | high > s.high or low >= s.low    |
 * | le     | lt or eq                                                          | low < s.low or high <= s.high    |
 * | sa     | the indexed range lies above the searched one                     | low >= s.high                    |
 * | eb     | the indexed range lies below the searched one                     | high <= s.low                    |
 * | ap     | they overlap (the caller has widened the searched range)          | low < s.high and high > s.low    |
 * | co     | the indexed range contains the searched one                       | low <= s.low and high >= s.high  |
 *
 * @rule prefix
 */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export const comparisons: Readonly<Record<Prefix, (entry: Range, searched: Range) => boolean>> = {
  eq: (e, s) => e.low >= s.low && e.high <= s.high,
  ne: (e, s) => e.low < s.low || e.high > s.high,
  gt: (e, s) => e.high > s.high,
  lt: (e, s) => e.low < s.low,
  ge: (e, s) => e.high > s.high || e.low >= s.low,
  le: (e, s) => e.low < s.low || e.high <= s.high,
  sa: (e, s) => e.low >= s.high,
  eb: (e, s) => e.high <= s.low,
  ap: (e, s) => e.low < s.high && e.high > s.low,
  co: (e, s) => e.low <= s.low && e.high >= s.high,
};

/** Milliseconds; an instant given as an empty range is the millisecond it names. */
export function dateRange(from: number, to: number): Range {
  return { low: from, high: to > from ? to : from + 1 };
}

/** A number given as an empty range is exactly that number: its range ends at the next double. */
export function numberRange(low: number, high: number): Range {
  const start = finite(low);
  const end = finite(high);
  return { low: start, high: end > start ? end : finite(nextUp(start)) };
}

function finite(value: number): number {
  if (Number.isNaN(value)) throw new RangeError('A number to compare is not a number');
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}

/** The next double. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** Order of text in every store: by code point, which is the order of its UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/** The least text above every text that begins with `prefix`; undefined when there is none. */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    // The surrogates are no code points of their own: U+E000 follows U+D7FF.
    const next = point === 0xd7ff ? 0xe000 : point + 1;
    if (next <= 0x10ffff) return points.join('') + String.fromCodePoint(next);
  }
  return undefined;
}

/** Everything `uri:below` matches besides the value itself begins with this. */
export function belowPrefix(uri: string): string {
  return uri.endsWith('/') ? uri : `${uri}/`;
}

/** Returns what `uri:above` matches: the value and each path above it, with and without its last slash. */
export function urisAbove(uri: string): readonly string[] {
  const found = new Set([uri]);
  for (let slash = uri.lastIndexOf('/'); slash > 0; slash = uri.lastIndexOf('/', slash - 1)) {
    found.add(uri.slice(0, slash + 1)).add(uri.slice(0, slash));
  }
  return [...found];
}

/**
 * Returns what a resource is sorted by under a parameter: its least value ascending, its greatest descending
 * (https://hl7.org/fhir/R4/search.html#sort). A date or number counts by its start, a token by its code, a string folded;
 * numbers come before text. Resources without a value come last in both directions.
 * Composite values and positions have no order.
 */
export function sortValue(entry: PartEntry): number | string {
  switch (entry.kind) {
    case 'token':
      return entry.code;
    case 'string':
      return entry.folded;
    case 'date':
      return entry.from;
    case 'reference':
      return entry.target;
    case 'uri':
      return entry.value;
    case 'number':
    case 'quantity':
      return numberRange(entry.low, entry.high).low;
  }
}
