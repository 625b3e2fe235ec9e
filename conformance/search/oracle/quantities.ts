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
  const scale = factor(code ?? '', wanted.code);
  if (scale === undefined) return false;
  // To UCUM a mole is a number, so that cells and moles are of one kind; to others it is not.
  if (MOLES.test(code ?? '') !== MOLES.test(wanted.code)) return undefined;
  const answers = [1 - 1e-9, 1, 1 + 1e-9].map((nearly) => {
    const end = (limit: Stretch['low']): number | undefined =>
      limit === undefined ? undefined : Number(limit.units) * 10 ** -limit.places * scale * nearly;
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

const factors = new Map<string, number | undefined>();

/** How many of the second unit one of the first is; undefined when they are of different kinds, or not proportional. */
function factor(from: string, to: string): number | undefined {
  const key = `${from} ${to}`;
  if (!factors.has(key)) {
    const one = ucum.convertUnitTo(from, 1, to);
    const two = ucum.convertUnitTo(from, 2, to);
    const proportional =
      one.status === 'succeeded' &&
      two.status === 'succeeded' &&
      Math.abs(two.toVal / one.toVal - 2) < 1e-9;
    factors.set(key, proportional ? one.toVal : undefined);
  }
  return factors.get(key);
}

function never(): never {
  throw new Error('a number has become none');
}
