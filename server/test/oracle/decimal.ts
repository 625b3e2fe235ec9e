/** An exact decimal: units × 10^-places. */
export interface Decimal {
  readonly units: bigint;
  readonly places: number;
}

export function decimal(text: string): Decimal {
  const parts = /^([-+]?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text);
  if (parts === null) throw new SyntaxError(`no decimal: ${text}`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const units = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  return { units, places: fraction.length - Number(exponent) };
}

/** Below zero, zero or above it, as a is less than, equal to or greater than b. */
export function compare(a: Decimal, b: Decimal): number {
  const places = Math.max(a.places, b.places);
  const difference = scaled(a, places) - scaled(b, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.places, b.places);
  return { units: scaled(a, places) + scaled(b, places), places };
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, places: b.places });
}

/** A tenth of the amount, without its sign. */
export function tenth({ units, places }: Decimal): Decimal {
  return { units: units < 0n ? -units : units, places: places + 1 };
}

function scaled({ units, places }: Decimal, to: number): bigint {
  return units * 10n ** BigInt(to - places);
}
