/** A decimal with its places: `1.50` has two. Exact but for division. */
export interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

const MOST_PLACES = 28;
/** Bounds the decimal places of a quotient. */
const QUOTIENT = 16;

/** @param text as in FHIR and JSON, exponents included; undefined when it is no number */
export function decimalOf(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  const places = fraction.length - Number(exponent);
  return places >= 0 ? { digits, places } : { digits: digits * power(-places), places: 0 };
}

export function fromNumber(value: number): Decimal {
  return decimalOf(String(value)) ?? { digits: 0n, places: 0 };
}

export function toNumber({ digits, places }: Decimal): number {
  return Number(`${digits}e-${places}`);
}

export function printDecimal({ digits, places }: Decimal): string {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(places + 1, '0');
  const whole = text.slice(0, text.length - places);
  const fraction = text.slice(text.length - places);
  return `${negative ? '-' : ''}${whole}${places > 0 ? `.${fraction}` : ''}`;
}

/** Without zeros at the end. */
export function plain({ digits, places }: Decimal): Decimal {
  let [left, rest] = [digits, places];
  while (rest > 0 && left % 10n === 0n) {
    left /= 10n;
    rest--;
  }
  return { digits: left, places: rest };
}

function power(places: number): bigint {
  return 10n ** BigInt(places);
}

function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const places = Math.max(a.places, b.places);
  return [a.digits * power(places - a.places), b.digits * power(places - b.places), places];
}

/** Negative, zero or positive. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [left, right, places] = aligned(a, b);
  return { digits: left + right, places };
}

export function negate({ digits, places }: Decimal): Decimal {
  return { digits: -digits, places };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  const places = a.places + b.places;
  const product = { digits: a.digits * b.digits, places };
  return places > MOST_PLACES ? round(product, MOST_PLACES) : product;
}

/** Undefined when divided by zero. */
export function divide(a: Decimal, b: Decimal): Decimal | undefined {
  if (b.digits === 0n) return undefined;
  const [left, right] = aligned(a, b);
  return plain(
    round({ digits: (left * power(QUOTIENT + 2)) / right, places: QUOTIENT + 2 }, QUOTIENT),
  );
}

/** Quotient towards zero and remainder; undefined when divided by zero. */
export function divideWhole(
  a: Decimal,
  b: Decimal,
): { readonly quotient: bigint; readonly remainder: Decimal } | undefined {
  if (b.digits === 0n) return undefined;
  const [left, right, places] = aligned(a, b);
  return { quotient: left / right, remainder: { digits: left % right, places } };
}

/** Half away from zero. */
export function round(value: Decimal, places: number): Decimal {
  if (value.places <= places) {
    return { digits: value.digits * power(places - value.places), places };
  }
  const step = power(value.places - places);
  const half = value.digits < 0n ? -step / 2n : step / 2n;
  return { digits: (value.digits + half) / step, places };
}

/** Down for -1, up for 1, towards zero for 0. */
export function cut(value: Decimal, places: number, direction: -1 | 0 | 1): Decimal {
  if (value.places <= places) {
    return { digits: value.digits * power(places - value.places), places };
  }
  const step = power(value.places - places);
  const rest = value.digits % step;
  let digits = value.digits / step;
  if (direction < 0 && rest < 0n) digits--;
  if (direction > 0 && rest > 0n) digits++;
  return { digits, places };
}

/** The end of what a decimal of this precision may stand for. */
export function bound(value: Decimal, direction: -1 | 1): Decimal {
  const places = value.places + 1;
  return { digits: value.digits * 10n + BigInt(5 * direction), places };
}
