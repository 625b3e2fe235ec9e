import { EARLIEST, LATEST, timeRange } from '../fhir/instant.ts';
import type { TimeRange } from '../fhir/instant.ts';
import { parseReference, referenceTarget } from '../fhir/reference.ts';
import { foldString } from './fold.ts';
import type { IndexEntry } from './query.ts';

/** Kinds of parameters that are backed by index entries. */
export type IndexedType = 'token' | 'string' | 'date' | 'reference' | 'uri' | 'number' | 'quantity';

/** Where a value was found. */
export interface Finding {
  readonly param: string;
  readonly value: unknown;
  /** Only references to this type count. */
  readonly target: string | undefined;
  readonly baseUrl: string;
}

type Convert = (finding: Finding, emit: (entry: IndexEntry) => void) => void;
type Json = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length > 0 ? value : undefined;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : [];

const token =
  (systemOf: (value: Json) => unknown, codeOf: (value: Json) => unknown): Convert =>
  ({ param, value }, emit) => {
    const code = text(codeOf(object(value)));
    const system = text(systemOf(object(value))) ?? null;
    if (code !== undefined) emit({ kind: 'token', param, system, code });
  };
const plainToken: Convert = ({ param, value }, emit) => {
  if (typeof value === 'boolean') emit({ kind: 'token', param, system: null, code: String(value) });
  const code = text(value);
  if (code !== undefined) emit({ kind: 'token', param, system: null, code });
};
const coding = token(
  (value) => value['system'],
  (value) => value['code'],
);
const identifier = token(
  (value) => value['system'],
  (value) => value['value'],
);

const strings =
  (...properties: readonly string[]): Convert =>
  ({ param, value }, emit) => {
    for (const property of properties) {
      const found = object(value)[property];
      for (const part of Array.isArray(found) ? (found as unknown[]) : [found]) {
        const value = text(part);
        if (value !== undefined) emit({ kind: 'string', param, value, folded: foldString(value) });
      }
    }
  };
const plainString: Convert = ({ param, value }, emit) => {
  const plain = text(value);
  if (plain !== undefined) emit({ kind: 'string', param, value: plain, folded: foldString(plain) });
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

const reference: Convert = ({ param, value, target, baseUrl }, emit) => {
  const found = object(value);
  const literal = text(found['reference']);
  const to = literal === undefined ? undefined : referenceTarget(literal, baseUrl);
  const type =
    text(found['type']) ?? (literal === undefined ? undefined : typeOf(literal, baseUrl));
  if (target !== undefined && type !== target) return;
  if (to !== undefined) emit({ kind: 'reference', param, target: to });
  identifier({ param: `${param}:identifier`, value: found['identifier'], target, baseUrl }, emit);
};
function typeOf(literal: string, baseUrl: string): string | undefined {
  const parsed = parseReference(literal, baseUrl);
  return parsed?.kind === 'local' || parsed?.kind === 'absolute' ? parsed.type : undefined;
}
/** A canonical with a version is also found without it (R4 references.html#canonical). */
const canonical: Convert = ({ param, value, baseUrl }, emit) => {
  const url = text(value);
  if (url === undefined) return;
  const unversioned = url.split('|')[0] ?? url;
  emit({ kind: 'reference', param, target: referenceTarget(unversioned, baseUrl) ?? unversioned });
  if (unversioned !== url) emit({ kind: 'reference', param, target: url });
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

const quantity: Convert = ({ param, value }, emit) => {
  const found = object(value);
  const amount = found['value'];
  if (typeof amount !== 'number') return;
  const comparator = text(found['comparator']) ?? '';
  const low = comparator.startsWith('<') ? -Number.MAX_VALUE : amount;
  const high = comparator.startsWith('>') ? Number.MAX_VALUE : amount;
  emit({ kind: 'quantity', param, low, high, ...unitOf(found) });
};
const money: Convert = ({ param, value }, emit) => {
  const { value: amount, currency } = object(value);
  if (typeof amount !== 'number') return;
  const code = text(currency) ?? null;
  emit({
    kind: 'quantity',
    param,
    low: amount,
    high: amount,
    system: code && 'urn:iso:std:iso:4217',
    code,
  });
};
const rangeQuantity: Convert = ({ param, value }, emit) => {
  const { low, high, unit } = bounds(object(value));
  if (low === undefined && high === undefined) return;
  const limits = { low: low ?? -Number.MAX_VALUE, high: high ?? Number.MAX_VALUE };
  emit({ kind: 'quantity', param, ...limits, ...unitOf(unit) });
};
/** The measured values are a string of samples; only what lies between its declared limits is known. */
const sampled: Convert = ({ param, value }, emit) => {
  const data = object(value);
  const { lowerLimit, upperLimit } = data;
  if (typeof lowerLimit !== 'number' || typeof upperLimit !== 'number') return;
  const unit = unitOf(object(data['origin']));
  emit({ kind: 'quantity', param, low: lowerLimit, high: upperLimit, ...unit });
};
function bounds(range: Json): { low: number | undefined; high: number | undefined; unit: Json } {
  const low = object(range['low']);
  const high = object(range['high']);
  const amount = (value: unknown): number | undefined =>
    typeof value === 'number' ? value : undefined;
  return {
    low: amount(low['value']),
    high: amount(high['value']),
    unit: low['value'] === undefined ? high : low,
  };
}
function unitOf(value: Json): { system: string | null; code: string | null } {
  const code = text(value['code']);
  if (code !== undefined) return { system: text(value['system']) ?? null, code };
  return { system: null, code: text(value['unit']) ?? null };
}

const codings =
  (of: (value: Json) => unknown): Convert =>
  (finding, emit) => {
    for (const value of list(of(object(finding.value)))) coding({ ...finding, value }, emit);
  };
const all = (convert: Convert, ...types: readonly string[]): [string, Convert][] =>
  types.map((type) => [type, convert]);

const CONVERTERS: Readonly<Record<IndexedType, ReadonlyMap<string, Convert>>> = {
  token: new Map([
    ...all(plainToken, 'code', 'boolean', 'id', 'string', 'uri', 'url', 'canonical', 'oid', 'uuid'),
    ['Coding', coding],
    ['CodeableConcept', codings((value) => value['coding'])],
    ['Identifier', identifier],
    [
      'ContactPoint',
      token(
        () => undefined,
        (value) => value['value'],
      ),
    ],
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
  reference: new Map([['Reference', reference], ...all(canonical, 'canonical', 'uri', 'url')]),
  uri: new Map(all(uri, 'uri', 'url', 'canonical', 'oid', 'uuid')),
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
