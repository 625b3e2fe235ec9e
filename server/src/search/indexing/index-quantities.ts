import { nextUp } from '../compare.ts';
import type { Convert } from '../finding.ts';
import { object, text } from './json.ts';
import type { Json } from './json.ts';
import { canonicalUnit, UCUM } from '../../fhir/terminology/ucum.ts';

/**
 * A quantity is indexed as it stands; in base units under `<code>:ucum`, with its dimension for a unit, where UCUM has
 * its unit; and with the text of its unit under `<code>:unit`, where that is not the code too.
 */
interface Unit {
  readonly system: string | null;
  readonly code: string | null;
  readonly text: string | undefined;
}

/** Bounds in the unit; absent: open. */
interface Bounds {
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

function unitOf(value: Json): Unit {
  const code = text(value['code']) ?? null;
  return { system: text(value['system']) ?? null, code, text: text(value['unit']) };
}

function emitter({ param }: Parameters<Convert>[0], emit: Parameters<Convert>[1]) {
  return (name: string, { low, high }: Bounds, unit: Omit<Unit, 'text'>): void =>
    emit({
      kind: 'quantity',
      param: `${param}${name}`,
      low: low ?? -Number.MAX_VALUE,
      high: high ?? Number.MAX_VALUE,
      system: unit.system,
      code: unit.code,
    });
}

/** @param limits what the value in any unit stands for */
function emitAll(
  put: ReturnType<typeof emitter>,
  unit: Unit,
  limits: (convert: (value: number) => number) => Bounds,
): void {
  const asItIs = limits((value) => value);
  put('', asItIs, unit);
  if (unit.text !== undefined && unit.text !== unit.code) {
    put(':unit', asItIs, { system: null, code: unit.text });
  }
  const canonical =
    unit.system === UCUM && unit.code !== null ? canonicalUnit(unit.code) : undefined;
  if (canonical)
    put(':ucum', limits(canonical.convert), { system: null, code: canonical.dimension });
}

/** Returns what lies below, up to, from or above a value: R4 datatypes.html#Quantity. */
function compared(amount: number, comparator: unknown): Bounds {
  switch (comparator) {
    case '<':
      return { high: amount };
    case '<=':
      return { high: nextUp(amount) };
    case '>':
      return { low: nextUp(amount) };
    case '>=':
      return { low: amount };
    default:
      return { low: amount, high: amount };
  }
}

export const quantity: Convert = (finding, emit) => {
  const found = object(finding.value);
  const { value: amount, comparator } = found;
  if (typeof amount !== 'number') return;
  emitAll(emitter(finding, emit), unitOf(found), (convert) =>
    compared(convert(amount), comparator),
  );
};

export const money: Convert = (finding, emit) => {
  const { value: amount, currency } = object(finding.value);
  if (typeof amount !== 'number') return;
  const code = text(currency) ?? null;
  const system = code && 'urn:iso:std:iso:4217';
  emitter(finding, emit)('', { low: amount, high: amount }, { system, code });
};

export const rangeQuantity: Convert = (finding, emit) => {
  const { low, high } = object(finding.value);
  const [first, last] = [object(low), object(high)];
  const [from, to] = [first['value'], last['value']].map((value) =>
    typeof value === 'number' ? value : undefined,
  );
  if (from === undefined && to === undefined) return;
  const put = emitter(finding, emit);
  const unit = unitOf(from === undefined ? last : first);
  const other = unitOf(to === undefined ? first : last);
  if (unit.system === other.system && unit.code === other.code) {
    emitAll(put, unit, (convert) => ({ low: from && convert(from), high: to && convert(to) }));
    return;
  }
  // Ends in different units are one range in base units only.
  const [start, end] = [unit, other].map(({ system, code }) =>
    system === UCUM && code !== null ? canonicalUnit(code) : undefined,
  );
  put('', { low: from, high: to }, unit);
  if (from === undefined || to === undefined || !start || start.dimension !== end?.dimension)
    return;
  const bounds = { low: start.convert(from), high: end.convert(to) };
  put(':ucum', bounds, { system: null, code: start.dimension });
};

/** The measured values are a string of samples; only what lies between its declared limits is known. */
export const sampled: Convert = (finding, emit) => {
  const data = object(finding.value);
  const { lowerLimit: low, upperLimit: high } = data;
  if (typeof low !== 'number' || typeof high !== 'number') return;
  emitAll(emitter(finding, emit), unitOf(object(data['origin'])), (convert) => ({
    low: convert(low),
    high: convert(high),
  }));
};
