import type { Answer } from './answer.ts';
import { holds, overlaps } from './interval.ts';
import type { Interval } from './interval.ts';
import { objects, text } from './official.ts';
import type { Json } from './official.ts';
import type { Prefix } from './question.ts';

/** In milliseconds since the epoch. */
export type Stretch = Interval<number>;

const SHAPE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[-+]\d\d:\d\d)?)?)?)?$/;

/**
 * All the time that a date of any precision stands for. Without a zone it is read in the server's, which is UTC.
 * Digits below the millisecond are left out.
 */
export function stretchOf(date: string): Stretch | undefined {
  const parts = SHAPE.exec(date);
  if (parts === null) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, zone] = parts;
  if (month === undefined) return between(midnight(year, 1, 1), midnight(Number(year) + 1, 1, 1));
  if (day === undefined)
    return between(midnight(year, month, 1), midnight(year, Number(month) + 1, 1));
  if (hour === undefined)
    return between(midnight(year, month, day), midnight(year, month, Number(day) + 1));
  const clock = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute ?? '00'}:${second ?? '00'}${zone ?? 'Z'}`,
  );
  if (Number.isNaN(clock)) return undefined;
  if (second === undefined) return between(clock, clock + 60_000);
  const digits = (fraction ?? '').slice(0, 3);
  const start = clock + Number(digits.padEnd(3, '0'));
  return between(start, start + 1000 / 10 ** digits.length);
}

/** A Period; undefined when neither end is known. */
export function periodStretch(period: Json): Stretch | undefined {
  const start = stretchOf(text(period['start']) ?? '');
  const end = stretchOf(text(period['end']) ?? '');
  if (start === undefined && end === undefined) return undefined;
  return {
    ...(start?.low === undefined ? {} : { low: start.low }),
    ...(end?.high === undefined ? {} : { high: end.high }),
  };
}

/** Only the outer limits of a schedule matter. Undefined when it names none as dates. */
export function timingStretch(timing: Json): Stretch | undefined {
  const events = timing['event'];
  const ends: (Stretch | undefined)[] = Array.isArray(events)
    ? (events as unknown[]).map((event) => stretchOf(String(event)))
    : [];
  const [repeat] = objects([timing['repeat']]);
  const [bounds] = objects([repeat?.['boundsPeriod']]);
  if (bounds !== undefined) ends.push(periodStretch(bounds));
  const known = ends.filter((end) => end !== undefined);
  if (known.length === 0) return undefined;
  const lows = known.map(({ low }) => low ?? -Infinity);
  const highs = known.map(({ high }) => high ?? Infinity);
  return between(Math.min(...lows), Math.max(...highs));
}

/** https://hl7.org/fhir/R4/search.html#date */
export function dateHolds(target: Stretch, prefix: Prefix | undefined, date: string): Answer {
  const range = stretchOf(date);
  if (range?.low === undefined || range.high === undefined)
    throw new SyntaxError(`no date: ${date}`);
  if (prefix === 'ap') return approximately(target, { low: range.low, high: range.high });
  const above = { low: range.high };
  const below = { high: range.low };
  return holds(prefix ?? 'eq', target, { range, above, below }, (a, b) => a - b);
}

const DAY = 86_400_000;

/** How far "approximately" reaches is the server's choice; R4 recommends a tenth of the distance from now. */
function approximately(
  target: Stretch,
  range: { readonly low: number; readonly high: number },
): Answer {
  const compare = (a: number, b: number): number => a - b;
  if (overlaps(range, target, compare)) return true;
  const distance = Math.abs(Date.now() - range.low);
  const margin = Math.max(distance / 5, 2 * (range.high - range.low), 2 * DAY);
  const wide = { low: range.low - margin, high: range.high + margin };
  return overlaps(wide, target, compare) ? undefined : false;
}

function between(low: number, high: number): Stretch {
  return {
    ...(low === -Infinity ? {} : { low }),
    ...(high === Infinity ? {} : { high }),
  };
}

/** Month and day may be one too many. */
function midnight(year: string | number, month: string | number, day: string | number): number {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getTime();
}
