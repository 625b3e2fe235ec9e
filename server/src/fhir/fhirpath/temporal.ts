/** A date or time of some precision, as FHIRPath compares them. */
export interface Temporal {
  readonly kind: 'Date' | 'DateTime' | 'Time';
  /** Year, month, day, hour, minute, second, as far as known; of a Time from the hour on. */
  readonly parts: readonly number[];
  /** Milliseconds; absent: the second is the last that is known. */
  readonly millis?: number;
  /** Minutes east of UTC. */
  readonly zone?: number;
}

const DATE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(T)?(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?$/;
const TIME = /^(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;
const LIMITS = [
  [1, 9999],
  [1, 12],
  [1, 31],
  [0, 23],
  [0, 59],
  [0, 60],
] as const;

/** @param text without `@`; with a `T` it is a DateTime. Undefined when it is none. */
export function temporalOf(text: string): Temporal | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, mark, hour, minute, second, fraction, zone] = match;
  if (hour !== undefined && (day === undefined || mark === undefined)) return undefined;
  const parts = numbers([year, month, day, hour, minute, second]);
  if (!parts.every((part, index) => isWithin(part, index))) return undefined;
  if (parts.length > 2 && (parts[2] ?? 0) > daysIn(parts[0] ?? 0, parts[1] ?? 0)) return undefined;
  return {
    kind: mark === undefined ? 'Date' : 'DateTime',
    parts,
    ...(fraction === undefined ? {} : { millis: millisOf(fraction) }),
    ...(zone === undefined ? {} : { zone: minutesOf(zone) }),
  };
}

export function timeOf(text: string): Temporal | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, hour, minute, second, fraction] = match;
  const parts = numbers([hour, minute, second]);
  if (!parts.every((part, index) => isWithin(part, index + 3))) return undefined;
  return {
    kind: 'Time',
    parts,
    ...(fraction === undefined ? {} : { millis: millisOf(fraction) }),
  };
}

function numbers(texts: readonly (string | undefined)[]): number[] {
  return texts.filter((text) => text !== undefined).map(Number);
}

function isWithin(part: number, index: number): boolean {
  const [least, most] = LIMITS[index] ?? [0, 0];
  return part >= least && part <= most;
}

function millisOf(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function minutesOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith('-') ? -minutes : minutes;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** Without `@`. */
export function printTemporal({ kind, parts, millis, zone }: Temporal): string {
  const two = (part: number | undefined): string => String(part ?? 0).padStart(2, '0');
  const fraction = millis === undefined ? '' : `.${String(millis).padStart(3, '0')}`;
  if (kind === 'Time') return parts.map(two).join(':') + fraction;
  const [year = 0, ...rest] = parts;
  const date = [String(year).padStart(4, '0'), ...rest.slice(0, 2).map(two)].join('-');
  const time = rest.slice(2).map(two).join(':');
  if (time === '') return date;
  return `${date}T${time}${fraction}${printZone(zone)}`;
}

function printZone(zone: number | undefined): string {
  if (zone === undefined) return '';
  if (zone === 0) return 'Z';
  const minutes = Math.abs(zone);
  const text = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `${zone < 0 ? '-' : '+'}${text}`;
}

/** Negative, zero or positive; undefined where the precision, or a missing time zone, leaves it open. */
export function compareTemporals(a: Temporal, b: Temporal): number | undefined {
  if ((a.kind === 'Time') !== (b.kind === 'Time')) return undefined;
  const timed = a.kind !== 'Time' && a.parts.length > 3 && b.parts.length > 3;
  if (timed && (a.zone === undefined) !== (b.zone === undefined)) return undefined;
  const [left, right] = timed && a.zone !== undefined ? [inUtc(a), inUtc(b)] : [a, b];
  const common = Math.min(left.parts.length, right.parts.length);
  for (let index = 0; index < common; index++) {
    const difference = (left.parts[index] ?? 0) - (right.parts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.parts.length !== right.parts.length) return undefined;
  return (left.millis ?? 0) - (right.millis ?? 0);
}

function inUtc(value: Temporal): Temporal {
  if (value.zone === undefined || value.zone === 0) return value;
  const date = dateOf(value.parts, value.millis);
  date.setUTCMinutes(date.getUTCMinutes() - value.zone);
  return { ...value, parts: partsOf(date).slice(0, value.parts.length), zone: 0 };
}

function dateOf(parts: readonly number[], millis = 0): Date {
  const [year = 2000, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second, millis));
  date.setUTCFullYear(year, month - 1, day);
  return date;
}

function partsOf(date: Date): number[] {
  return [
    ...[date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()],
    ...[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()],
  ];
}

/** Milliseconds of one; what is finer than a day is exact, what is coarser is counted in months. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000 },
  millisecond: 1,
};
const CODES: Readonly<Record<string, string>> = {
  ...{ wk: 'week', d: 'day', h: 'hour', min: 'minute', s: 'second', ms: 'millisecond' },
};

/** The sum of a date and a duration; undefined for a unit that is no duration of the calendar. */
export function addDuration(start: Temporal, amount: number, unit: string): Temporal | undefined {
  const name = CODES[unit] ?? unit.replace(/s$/, '');
  if (name === 'year' || name === 'month') {
    return start.kind === 'Time' ? undefined : addMonths(start, Math.trunc(amount), name);
  }
  const width = WIDTHS[name];
  if (width === undefined) return undefined;
  const whole = width >= 60_000 ? Math.trunc(amount) : amount;
  const known = start.parts.length;
  if (start.kind === 'Time') {
    const [hour = 0, minute = 0, second = 0] = start.parts;
    const date = dateOf([2000, 1, 2, hour, minute, second], start.millis);
    return from(start, new Date(date.getTime() + whole * width), [3, known + 3]);
  }
  // Anything finer than what is known counts as far as it comes to whole days.
  if (known < 3) {
    const days = Math.trunc((whole * width) / 86_400_000);
    const months = known === 1 ? 12 * Math.trunc(days / 365) : Math.trunc(days / 30);
    return addMonths(start, months, 'month');
  }
  const step = known === 3 ? Math.trunc((whole * width) / 86_400_000) * 86_400_000 : whole * width;
  return from(start, new Date(dateOf(start.parts, start.millis).getTime() + step), [0, known]);
}

function from(start: Temporal, date: Date, [first, last]: readonly [number, number]): Temporal {
  const millis = start.millis === undefined ? {} : { millis: date.getUTCMilliseconds() };
  return { ...start, parts: partsOf(date).slice(first, last), ...millis };
}

function addMonths(start: Temporal, amount: number, name: 'year' | 'month'): Temporal {
  const [year = 1, month, day, ...rest] = start.parts;
  if (month === undefined) {
    const years = name === 'year' ? amount : Math.trunc(amount / 12);
    return { ...start, parts: [year + years] };
  }
  const months = year * 12 + (month - 1) + (name === 'year' ? 12 * amount : amount);
  const [newYear, newMonth] = [Math.floor(months / 12), (months % 12) + 1];
  if (day === undefined) return { ...start, parts: [newYear, newMonth] };
  const last = daysIn(newYear, newMonth);
  return { ...start, parts: [newYear, newMonth, Math.min(day, last), ...rest] };
}

/** The first or last instant that a date of this precision may stand for; `digits` as FHIRPath counts them. */
export function boundTemporal(
  value: Temporal,
  direction: -1 | 1,
  digits: number | undefined,
): Temporal | undefined {
  const offset = value.kind === 'Time' ? 3 : 0;
  const steps = value.kind === 'Time' ? [2, 4, 6, 9] : [4, 6, 8, 10, 12, 14, 17];
  const full = value.kind === 'Date' ? 8 : (steps.at(-1) ?? 0);
  const wanted = steps.indexOf(digits ?? full);
  if (wanted < 0) return undefined;
  const count = Math.min(wanted + 1, 6 - offset);
  const parts = [...value.parts.slice(0, count)];
  while (parts.length < count) parts.push(limit(parts, parts.length + offset, direction));
  const precise = value.kind !== 'Date' && steps[wanted] === steps.at(-1);
  return {
    kind: value.kind,
    parts,
    ...(precise ? { millis: value.millis ?? (direction < 0 ? 0 : 999) } : {}),
    ...(value.kind === 'DateTime' && parts.length > 3 ? { zone: zoneOf(value, direction) } : {}),
  };
}

/** Without a time zone it may be any, from +14:00 to -12:00. */
function zoneOf({ zone }: Temporal, direction: -1 | 1): number {
  return zone ?? (direction < 0 ? 840 : -720);
}

function limit(parts: readonly number[], index: number, direction: -1 | 1): number {
  if (index === 2 && direction > 0) return daysIn(parts[0] ?? 2000, parts[1] ?? 1);
  const [least, most] = LIMITS[index] ?? [0, 0];
  return direction < 0 ? least : Math.min(most, index > 2 ? 59 : most);
}

/** Tells how many digits are known. */
export function precisionOf({ kind, parts, millis }: Temporal): number {
  const digits = kind === 'Time' ? 2 * parts.length : 2 + 2 * parts.length;
  return digits + (millis === undefined ? 0 : 3);
}
