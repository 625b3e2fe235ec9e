/** Dates of any FHIR precision as half-open ranges [from, to) of milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Is what stands for an open end; the limits of ECMAScript time values. */
export const EARLIEST = -8.64e15;
export const LATEST = 8.64e15;

const PATTERN =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

const MINUTE = 60_000;

/**
 * The range that a FHIR date, dateTime or instant stands for: a year, a month, a day, a minute, a second or a
 * fraction of it. What names no time zone is read as UTC. Undefined when it is no date of the calendar.
 */
export function timeRange(text: string): TimeRange | undefined {
  const parts = PATTERN.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  const y = Number(year);
  const m = month === undefined ? undefined : Number(month);
  const d = day === undefined ? undefined : Number(day);
  if (y === 0 || (m !== undefined && (m < 1 || m > 12))) return undefined;
  if (m === undefined) return { from: utc(y, 1, 1), to: utc(y + 1, 1, 1) };
  if (d === undefined) return { from: utc(y, m, 1), to: utc(y, m + 1, 1) };
  if (d < 1 || d > daysOf(y, m)) return undefined;
  if (hour === undefined) return { from: utc(y, m, d), to: utc(y, m, d + 1) };
  const offset = zoneOffset(zone);
  const time = timeOfDay(Number(hour), Number(minute), second, fraction);
  if (offset === undefined || !time) return undefined;
  const from = utc(y, m, d) + time.from - offset;
  return { from, to: from + time.width };
}

/** The first millisecond of a full instant (to the second at least, with a time zone); undefined otherwise. */
export function instantOf(text: string): number | undefined {
  return /T\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(text) ? timeRange(text)?.from : undefined;
}

/** Milliseconds as a FHIR instant in UTC. */
export function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function timeOfDay(
  hour: number,
  minute: number,
  second: string | undefined,
  fraction: string | undefined,
): { from: number; width: number } | undefined {
  // 24:00 is not allowed; 60 is a leap second.
  if (hour > 23 || minute > 59 || Number(second ?? 0) > 60) return undefined;
  const start = (hour * 60 + minute) * MINUTE;
  if (second === undefined) return { from: start, width: MINUTE };
  const whole = start + Number(second) * 1000;
  if (fraction === undefined) return { from: whole, width: 1000 };
  const digits = fraction.slice(0, 3);
  const width = 10 ** (3 - digits.length);
  return { from: whole + Number(digits) * width, width };
}

function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
}

/** Day and month may overflow. `Date.UTC` would read years below 100 as of the twentieth century. */
function utc(year: number, month: number, day: number): number {
  const time = Date.UTC(2000, month - 1, day);
  if (year > 99) return Date.UTC(year, month - 1, day);
  const date = new Date(time);
  date.setUTCFullYear(year + date.getUTCFullYear() - 2000);
  return date.getTime();
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
