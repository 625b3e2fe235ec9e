import type { Convert, Finding, IndexedType } from '../finding.ts';
import { foldPhrase } from '../fold.ts';
import { money, quantity, rangeQuantity, sampled } from './quantities.ts';
import {
  caselessToken,
  codeableConcept,
  coding,
  contactPoint,
  identifier,
  plainToken,
} from './tokens.ts';
import { object, text } from '../json.ts';
import type { Json } from '../json.ts';
import type { IndexEntry } from '../query.ts';
import { spherePoint } from '../sphere.ts';
import { dateOf, plainRange, periodRange, timingRange } from './dates.ts';
import { reference, canonical, embedded, canonicalUri } from './references.ts';

const strings =
  (...properties: readonly string[]): Convert =>
  ({ param, value }, emit) => {
    for (const property of properties) {
      const found = object(value)[property];
      for (const part of Array.isArray(found) ? (found as unknown[]) : [found]) {
        const value = text(part);
        if (value !== undefined) emit({ kind: 'string', param, value, folded: foldPhrase(value) });
      }
    }
  };

const plainString: Convert = ({ param, value }, emit) => {
  const plain = text(value);
  if (plain !== undefined) emit({ kind: 'string', param, value: plain, folded: foldPhrase(plain) });
};

const position: Convert = ({ param, value }, emit) => {
  const { latitude, longitude } = object(value);
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return;
  emit({ kind: 'position', param, ...spherePoint(latitude, longitude) });
};

const uri: Convert = ({ param, value }, emit) => {
  const plain = text(value);
  if (plain !== undefined) emit({ kind: 'uri', param, value: plain });
};

/** A stored number is a point; the precision of what is searched for makes the interval. */
const number: Convert = ({ param, value }, emit) => {
  if (typeof value === 'number') emit({ kind: 'number', param, low: value, high: value });
};

const rangeNumber: Convert = ({ param, value }, emit) => {
  const { low, high } = bounds(object(value));
  if (low !== undefined || high !== undefined) {
    emit({ kind: 'number', param, low: low ?? -Number.MAX_VALUE, high: high ?? Number.MAX_VALUE });
  }
};

function bounds(range: Json): { low: number | undefined; high: number | undefined } {
  const amount = (end: unknown): number | undefined => {
    const { value } = object(end);
    return typeof value === 'number' ? value : undefined;
  };
  return { low: amount(range['low']), high: amount(range['high']) };
}

const all = (convert: Convert, ...types: readonly string[]): [string, Convert][] =>
  types.map((type) => [type, convert]);

const CONVERTERS: Readonly<Record<IndexedType, ReadonlyMap<string, Convert>>> = {
  token: new Map([
    ['string', caselessToken],
    ...all(plainToken, 'code', 'boolean', 'id', 'uri', 'url', 'canonical', 'oid', 'uuid'),
    ['Coding', coding],
    ['CodeableConcept', codeableConcept],
    ['Identifier', identifier],
    ['ContactPoint', contactPoint],
  ]),
  string: new Map([
    ...all(plainString, 'string', 'markdown', 'code', 'id'),
    ['HumanName', strings('text', 'family', 'given', 'prefix', 'suffix')],
    ['Address', strings('text', 'line', 'city', 'district', 'state', 'postalCode', 'country')],
  ]),
  date: new Map([
    ...all(dateOf(plainRange), 'date', 'dateTime', 'instant'),
    ['Period', dateOf(periodRange)],
    ['Timing', dateOf(timingRange)],
  ]),
  reference: new Map([
    ['Reference', reference],
    ...all(canonical, 'canonical', 'uri', 'url'),
    ['Resource', embedded],
  ]),
  uri: new Map([...all(uri, 'uri', 'url', 'oid', 'uuid'), ['canonical', canonicalUri]]),
  special: new Map([['Location.position', position]]),
  number: new Map([
    ...all(number, 'decimal', 'integer', 'positiveInt', 'unsignedInt'),
    ['Range', rangeNumber],
  ]),
  quantity: new Map([
    ...all(
      quantity,
      'Quantity',
      'Age',
      'Duration',
      'Count',
      'Distance',
      'SimpleQuantity',
      'MoneyQuantity',
    ),
    ['Money', money],
    ['Range', rangeQuantity],
    ['SampledData', sampled],
  ]),
};

export function isIndexable(parameter: IndexedType, leaf: string): boolean {
  return CONVERTERS[parameter].has(leaf);
}

/** Emits what one value contributes; nothing when its type does not fit the parameter. */
export function convert(
  as: { readonly parameter: IndexedType; readonly leaf: string },
  finding: Finding,
  emit: (entry: IndexEntry) => void,
): void {
  CONVERTERS[as.parameter].get(as.leaf)?.(finding, emit);
}
