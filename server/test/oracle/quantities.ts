import { ucumUtils } from 'fhirpath';
import { some } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Element } from './element.ts';
import { compared, numberHolds, point, rangeStretch } from './numbers.ts';
import type { Stretch } from './numbers.ts';
import { objects, text } from './official.ts';
import type { Json } from './official.ts';
import type { Value } from './question.ts';

const UCUM = 'http://unitsofmeasure.org';
const CURRENCY = 'urn:iso:std:iso:4217';
const ucum = ucumUtils as {
  convertUnitTo(from: string, amount: number, to: string): { status: string; toVal: number };
};

interface Amount {
  readonly stretch: Stretch;
  readonly system: string | undefined;
  readonly code: string | undefined;
  readonly unit: string | undefined;
}

/** Undefined when the element says nothing that could be compared. */
export function amountOf({ type, value }: Element): Amount | undefined {
  const json = value as Json;
  if (type === 'Money') {
    const stretch = point(json['value']);
    const code = text(json['currency']);
    const system = code === undefined ? undefined : CURRENCY;
    return stretch && { stretch, system, code, unit: undefined };
  }
  if (type === 'Range') {
    const stretch = rangeStretch(json);
    const [unit = {}] = [...objects([json['low']]), ...objects([json['high']])];
    return stretch && { stretch, ...unitOf(unit) };
  }
  if (type === 'SampledData') return undefined;
  const stretch = compared(json['value'], json['comparator']);
  return stretch && { stretch, ...unitOf(json) };
}

function unitOf(quantity: Json): Omit<Amount, 'stretch'> {
  return {
    system: text(quantity['system']),
    code: text(quantity['code']),
    unit: text(quantity['unit']),
  };
}

/** https://hl7.org/fhir/R4/search.html#quantity */
export function quantityHolds(
  element: Element,
  { prefix, text: number, system, code }: Extract<Value, { kind: 'quantity' }>,
): Answer {
  // How sampled data are compared is said nowhere.
  if (element.type === 'SampledData') return undefined;
  const amount = amountOf(element);
  if (amount === undefined) return false;
  const holds = numberHolds(amount.stretch, prefix, number);
  if (system === undefined && code === undefined) return holds;
  if (system === undefined)
    return some([amount.code, amount.unit], (one) => one === code) === true ? holds : false;
  const sameUnit = amount.system === system && (code === undefined || amount.code === code);
  if (sameUnit) return holds;
  if (system !== UCUM || amount.system !== UCUM || code === undefined) return false;
  return convertedHolds(amount, { prefix, text: number, code });
}

/** Other units of the same kind count too; what rounding might decide is left open. */
function convertedHolds(
  { stretch, code }: Amount,
  wanted: {
    readonly prefix: Extract<Value, { kind: 'quantity' }>['prefix'];
    readonly text: string;
    readonly code: string;
  },
): Answer {
  const line = lineBetween(code ?? '', wanted.code);
  if (line === undefined) return false;
  // To UCUM a mole is a number, so that cells and moles are of one kind; to others it is not.
  if (MOLES.test(code ?? '') !== MOLES.test(wanted.code)) return undefined;
  const answers = [-1e-9, 0, 1e-9].map((off) => {
    const end = (limit: Stretch['low']): number | undefined => {
      if (limit === undefined) return undefined;
      const scaled = Number(limit.units) * 10 ** -limit.places * line.slope;
      // Where scales do not begin together, what is lost depends on how far apart they begin.
      return scaled + line.zero + off * (Math.abs(scaled) + Math.abs(line.zero));
    };
    const [low, high] = [end(stretch.low), end(stretch.high)];
    return numberHolds(
      {
        ...stretch,
        ...(low === undefined ? {} : { low: point(low)?.low ?? never() }),
        ...(high === undefined ? {} : { high: point(high)?.low ?? never() }),
      },
      wanted.prefix,
      wanted.text,
    );
  });
  return answers.every((answer) => answer === answers[0]) ? answers[0] : undefined;
}

const MOLES = /mol|eq|osm/i;

/** How amounts of one unit are told in another: so many for one, and so many for none. */
interface Line {
  readonly slope: number;
  readonly zero: number;
}

const lines = new Map<string, Line | undefined>();

/** Undefined when the units are of different kinds, or one of them is of a curved scale. */
function lineBetween(from: string, to: string): Line | undefined {
  const key = `${from} ${to}`;
  if (!lines.has(key)) lines.set(key, findLine(from, to));
  return lines.get(key);
}

function findLine(from: string, to: string): Line | undefined {
  const of = [1, 2, 3].map((amount) => ucum.convertUnitTo(from, amount, to));
  if (of.some(({ status }) => status !== 'succeeded')) return undefined;
  const [one = NaN, two = NaN, three = NaN] = of.map(({ toVal }) => toVal);
  const slope = two - one;
  if (!(Math.abs((three - two) / slope - 1) < 1e-6)) return undefined;
  const proportional = Math.abs(two / one - 2) < 1e-9;
  return proportional ? { slope: one, zero: 0 } : { slope, zero: one - slope };
}

function never(): never {
  throw new Error('a number has become none');
}
