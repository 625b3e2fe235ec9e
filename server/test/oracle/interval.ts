import { every } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Prefix } from './question.ts';

/** A stretch of values of any ordered kind; an absent limit is open. */
export interface Interval<T> {
  readonly low?: T;
  readonly high?: T;
  /** Whether the limits themselves belong to it; by default the lower does and the upper does not. */
  readonly lowOpen?: boolean;
  readonly highClosed?: boolean;
}

type Compare<T> = (a: T, b: T) => number;

/** Whether the target lies wholly within the searched range. */
function contains<T>(searched: Interval<T>, target: Interval<T>, compare: Compare<T>): boolean {
  return startsWithin(searched, target, compare) && endsWithin(searched, target, compare);
}

function startsWithin<T>(s: Interval<T>, t: Interval<T>, compare: Compare<T>): boolean {
  if (s.low === undefined) return true;
  if (t.low === undefined) return false;
  const order = compare(t.low, s.low);
  return order > 0 || (order === 0 && (s.lowOpen !== true || t.lowOpen === true));
}

function endsWithin<T>(s: Interval<T>, t: Interval<T>, compare: Compare<T>): boolean {
  if (s.high === undefined) return true;
  if (t.high === undefined) return false;
  const order = compare(t.high, s.high);
  return order < 0 || (order === 0 && (s.highClosed === true || t.highClosed !== true));
}

export function overlaps<T>(a: Interval<T>, b: Interval<T>, compare: Compare<T>): boolean {
  return startsBeforeEnd(a, b, compare) && startsBeforeEnd(b, a, compare);
}

function startsBeforeEnd<T>(a: Interval<T>, b: Interval<T>, compare: Compare<T>): boolean {
  if (a.low === undefined || b.high === undefined) return true;
  const order = compare(a.low, b.high);
  return order < 0 || (order === 0 && a.lowOpen !== true && b.highClosed === true);
}

/**
 * https://hl7.org/fhir/R4/search.html#prefix, for every prefix but `ap`. Range of the value, range above it and range
 * below it are given, since numbers and dates differ in them.
 */
export function holds<T>(
  prefix: Exclude<Prefix, 'ap'>,
  target: Interval<T>,
  searched: {
    readonly range: Interval<T>;
    readonly above: Interval<T>;
    readonly below: Interval<T>;
  },
  compare: Compare<T>,
): boolean {
  const { range, above, below } = searched;
  const equal = contains(range, target, compare);
  switch (prefix) {
    case 'eq':
      return equal;
    case 'ne':
      return !equal;
    case 'gt':
      return overlaps(above, target, compare);
    case 'lt':
      return overlaps(below, target, compare);
    case 'ge':
      return equal || overlaps(above, target, compare);
    case 'le':
      return equal || overlaps(below, target, compare);
    case 'sa':
      return contains(above, target, compare) && !overlaps(range, target, compare);
    case 'eb':
      return contains(below, target, compare) && !overlaps(range, target, compare);
  }
}

/** One answer when several readings of the searched range are possible. */
export function eitherWay(readings: readonly (() => Answer)[]): Answer {
  const answers = readings.map((reading) => reading());
  return answers.every((answer) => answer === answers[0])
    ? every(answers, (one) => one)
    : undefined;
}
