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

export const LIMITS = [
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

export function daysIn(year: number, month: number): number {
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

/** Tells how many digits are known. */
export function precisionOf({ kind, parts, millis }: Temporal): number {
  const digits = kind === 'Time' ? 2 * parts.length : 2 + 2 * parts.length;
  return digits + (millis === undefined ? 0 : 3);
}
