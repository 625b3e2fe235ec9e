import { EARLIEST, LATEST, timeRange } from '../../fhir/instant.ts';
import type { TimeRange } from '../../fhir/instant.ts';
import { parseReference, referenceTarget } from '../../fhir/reference.ts';
import type { Convert, Finding, IndexedType } from '../finding.ts';
import { foldPhrase } from '../fold.ts';
import { money, quantity, rangeQuantity, sampled } from './quantities.ts';
import {
  bareIdentifier,
  caselessToken,
  codeableConcept,
  coding,
  contactPoint,
  identifier,
  plainToken,
} from './tokens.ts';
import { list, object, text } from '../json.ts';
import type { Json } from '../json.ts';
import type { IndexEntry } from '../query.ts';
import { spherePoint } from '../sphere.ts';

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

const dateOf =
  (rangeOf: (value: unknown) => TimeRange | undefined): Convert =>
  ({ param, value }, emit) => {
    const range = rangeOf(value);
    if (range) emit({ kind: 'date', param, from: range.from, to: range.to });
  };
const plainRange = (value: unknown): TimeRange | undefined =>
  typeof value === 'string' ? timeRange(value) : undefined;
function periodRange(value: unknown): TimeRange | undefined {
  const { start, end } = object(value);
  const first = plainRange(start);
  const last = plainRange(end);
  if (!first && !last) return undefined;
  return { from: first?.from ?? EARLIEST, to: last?.to ?? LATEST };
}
/** Only the outer limits of a schedule matter (R4 search.html#date). */
function timingRange(value: unknown): TimeRange | undefined {
  const timing = object(value);
  const ranges = list(timing['event']).map(plainRange);
  ranges.push(periodRange(object(timing['repeat'])['boundsPeriod']));
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === 0) return undefined;
  return {
    from: Math.min(...known.map(({ from }) => from)),
    to: Math.max(...known.map(({ to }) => to)),
  };
}

/**
 * A reference to a version is found with and, under `<code>:version`, as what it says; a relative one that is not Type/id
 * by itself, and nothing is found through it, as no resource is of that name.
 */
const reference: Convert = ({ param, value, baseUrl }, emit) => {
  const found = object(value);
  const literal = text(found['reference']);
  const parsed = literal === undefined ? undefined : parseReference(literal, baseUrl);
  if (parsed?.kind === 'local') {
    const target = `${parsed.type}/${parsed.id}`;
    emit({ kind: 'reference', param, target });
    if (parsed.version !== undefined) {
      const version = `${target}/_history/${parsed.version}`;
      emit({ kind: 'reference', param: `${param}:version`, target: version });
    }
  }
  if (parsed?.kind === 'relative') emit({ kind: 'reference', param, target: parsed.url });
  if (parsed?.kind === 'absolute') {
    const { url } = parsed;
    emit({ kind: 'reference', param, target: url });
    const current = parsed.type === undefined ? url : url.replace(/\/_history\/[^/]+$/, '');
    if (current !== url) emit({ kind: 'reference', param, target: current });
  }
  bareIdentifier({ param: `${param}:identifier`, value: found['identifier'], baseUrl }, emit);
};

/** The type that a reference says or shows to lead to; undefined when that cannot be told. */
export function referenceType(
  value: unknown,
  baseUrl: string,
  contained: readonly unknown[],
): string | undefined {
  const found = object(value);
  const literal = text(found['reference']);
  const parsed = literal === undefined ? undefined : parseReference(literal, baseUrl);
  if (parsed?.kind === 'contained') {
    const inside = contained.find((each) => object(each)['id'] === parsed.id);
    return text(object(inside)['resourceType']);
  }
  const shown = parsed?.kind === 'local' || parsed?.kind === 'absolute' ? parsed.type : undefined;
  return text(found['type']) ?? shown;
}

/**
 * A canonical is found with and without its fragment and its version (R4 references.html#canonical), and under
 * `<code>:below` with what its version begins with.
 */
const canonical: Convert = ({ param, value, baseUrl }, emit) => {
  const add = (name: string, url: string): void =>
    emit({ kind: 'reference', param: name, target: referenceTarget(url, baseUrl) ?? url });
  for (const url of canonicalForms(value)) add(param, url);
  for (const url of versionsAbove(value)) add(`${param}:below`, url);
};
function canonicalForms(value: unknown): string[] {
  const url = text(value);
  if (url === undefined) return [];
  const [unfragmented = ''] = url.split('#');
  const [unversioned = ''] = unfragmented.split('|');
  return [...new Set([unversioned, unfragmented, url])].filter((form) => form !== '');
}

/** Segments of a version that a search may name the first of. */
const MOST_SEGMENTS = 8;

/** `url|1.2.3` is a version 1, a version 1.2 and a version 1.2.3. */
function versionsAbove(value: unknown): string[] {
  const [url = '', version] = (text(value)?.split('#')[0] ?? '').split('|');
  if (url === '' || version === undefined || version === '') return [];
  const ends = [...version.matchAll(/[.-]/g)].slice(0, MOST_SEGMENTS).map(({ index }) => index);
  return [...ends, version.length].map((end) => `${url}|${version.slice(0, end)}`);
}

/** A resource inside of another: what it would be referred to by. Its own parameters are indexed beside. */
const embedded: Convert = ({ param, value }, emit) => {
  const { resourceType: type, id } = object(value);
  if (typeof type !== 'string' || typeof id !== 'string') return;
  emit({ kind: 'reference', param, target: `${type}/${id}` });
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
const canonicalUri: Convert = ({ param, value }, emit) => {
  for (const form of canonicalForms(value)) emit({ kind: 'uri', param, value: form });
  for (const form of versionsAbove(value))
    emit({ kind: 'uri', param: `${param}:below`, value: form });
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
