import { canonicalUnit, UCUM } from '@chartseal/fhirpath/ucum';
import { ABOUT } from '../compartment.ts';
import { timeRange } from '../../fhir/instant.ts';
import type { TimeRange } from '../../fhir/instant.ts';
import { parseReference } from '../../fhir/reference.ts';
import type { ValueContext } from './criterion.ts';
import { foldPhrase } from '../fold.ts';
import { hierarchyFilter } from './parse-hierarchy.ts';
import { compositeFilter } from './parse-composite.ts';
import { nearFilter } from './parse-near.ts';
import { plainToken, tokenFilter } from './parse-token.ts';
import { uriFilter, versionsFilter } from './parse-uri.ts';
import type { Filter, Prefix } from '../query.ts';
import { referenceTypes } from '../chaining/reference-types.ts';
import { bad } from '../refusals.ts';
import { assertEscapes, splitAt, unescapeValue } from './value-text.ts';

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-+.\d])/;

/**
 * @throws FhirError naming the parameter
 *
 * @rule string, date, number, quantity, reference, :exact, :contains
 */
export function valueFilter(text: string, context: ValueContext): Filter {
  const { code } = context.parameter;
  if (text === '') throw bad(code, 'a value is empty');
  if (/\0/.test(text) || !text.isWellFormed()) throw bad(code, 'the value is not text');
  assertEscapes(code, text);
  switch (context.parameter.type) {
    case 'token':
      return tokenFilter(text, context);
    case 'string':
      return stringFilter(unescapeValue(text), context);
    case 'date':
      return dateFilter(text, context);
    case 'reference':
      return referenceFilter(text, context);
    case 'uri':
      return uriFilter(text, context);
    case 'number':
      return numberFilter(text, context);
    case 'quantity':
      return quantityFilter(text, context);
    case 'special':
      return nearFilter(text, code);
    case 'composite':
      return compositeFilter(text, context, valueFilter);
  }
}

function stringFilter(value: string, { parameter, modifier }: ValueContext): Filter {
  const param = parameter.code;
  if (modifier === 'exact') return { op: 'string', param, match: 'exact', value };
  const folded = foldPhrase(value);
  if (folded === '') throw bad(param, 'nothing is left to search for');
  return {
    op: 'string',
    param,
    match: modifier === 'contains' ? 'contains' : 'prefix',
    value: folded,
  };
}

const DAY = 86_400_000;

function dateFilter(text: string, { parameter }: ValueContext): Filter {
  const { prefix, rest } = splitPrefix(text);
  const range = dateRange(rest);
  if (!range) throw bad(parameter.code, 'the value is no date');
  const reach = prefix === 'ap' ? widen(range) : range;
  return { op: 'date', param: parameter.code, prefix, ...reach };
}

/**
 * Returns what `ap` means: as far again on both sides as the date is precise, a day at least. A tenth of the distance
 * from now, which R4 suggests, would change from page to page.
 */
export function widen({ from, to }: TimeRange): { from: number; to: number } {
  const margin = Math.max(to - from, DAY);
  return { from: from - margin, to: to + margin };
}

/** A `+` of a time zone that was not percent-encoded arrives as a space. */
export function dateRange(text: string): { from: number; to: number } | undefined {
  return timeRange(text.replace(/ (\d\d:\d\d)$/, '+$1'));
}

/** Names what may stand before a value in a URL. */
type SearchPrefix = Exclude<Prefix, 'co'>;

/** A prefix counts only before a digit or sign; anything else is part of a bad value. */
export function splitPrefix(text: string): { prefix: SearchPrefix; rest: string } {
  const prefix = PREFIX.exec(text)?.[1];
  return prefix === undefined
    ? { prefix: 'eq', rest: text }
    : { prefix: prefix as SearchPrefix, rest: text.slice(2) };
}

function referenceFilter(text: string, context: ValueContext): Filter {
  const { parameter, modifier, baseUrl, isType } = context;
  const param = parameter.code;
  const versions = modifier === 'below' ? versionsFilter(text, context) : undefined;
  if (versions) return versions;
  if (modifier === 'above' || modifier === 'below') return hierarchyFilter(text, context);
  if (modifier === 'identifier') return plainToken(text, parameter, `${param}:identifier`);
  const value = unescapeValue(text);
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(value)) return idFilter(value, context);
  if (modifier !== undefined) throw bad(param, `:${modifier} is followed by an id only`);
  const parsed = parseReference(value, baseUrl);
  if (parsed?.kind === 'relative') return { op: 'reference', param, target: parsed.url };
  if (parsed?.kind === 'local') {
    if (!isType(parsed.type)) throw bad(param, 'R4 has no such resource type');
    const target = `${parsed.type}/${parsed.id}`;
    if (parsed.version === undefined) return { op: 'reference', param, target };
    const version = `${target}/_history/${parsed.version}`;
    return { op: 'reference', param: `${param}:version`, target: version };
  }
  if (parsed?.kind !== 'absolute') throw bad(param, 'the value is no reference');
  return { op: 'reference', param, target: parsed.url };
}

function idFilter(id: string, { parameter, modifier, isType }: ValueContext): Filter {
  const param = parameter.code;
  const types = modifier === undefined ? referenceTypes(parameter) : [modifier];
  const usable = types.filter(isType);
  if (usable.length === 0) throw bad(param, 'write the reference as Type/id');
  const targets = usable.map((type) => `${type}/${id}`);
  // Some references are a bare id; those that tell whom a resource is about never are.
  if (modifier === undefined && !ABOUT.includes(param)) targets.push(id);
  return { op: 'or', any: targets.map((target): Filter => ({ op: 'reference', param, target })) };
}

/** As R4 suggests for `ap`. */
const APPROXIMATION = 0.1;

const NUMBER = /^[-+]?\d{1,300}(?:\.(\d{1,300}))?(?:[eE]([-+]?\d{1,3}))?$/;

function numberFilter(text: string, { parameter }: ValueContext): Filter {
  const { prefix, rest } = splitPrefix(text);
  return { op: 'number', param: parameter.code, prefix, ...interval(parameter.code, prefix, rest) };
}

function quantityFilter(text: string, { parameter }: ValueContext): Filter {
  const param = parameter.code;
  const { prefix, rest } = splitPrefix(text);
  const [amount = '', system = '', code = '', ...more] = splitAt(rest, '|').map(unescapeValue);
  if (more.length > 0) throw bad(param, 'the form is number|system|code');
  const range = interval(param, prefix, amount);
  const of = (name: string, unit: { system?: string; code?: string }): Filter => {
    return { op: 'quantity', param: `${param}${name}`, prefix, ...range, ...unit };
  };
  if (code === '') return of('', system === '' ? {} : { system });
  // R4 search.html#quantity: without a system it is the code or the unit as people write it.
  if (system === '') return { op: 'or', any: [of('', { code }), of(':unit', { code })] };
  const canonical = system === UCUM ? canonicalUnit(code) : undefined;
  if (canonical === undefined) return of('', { system, code });
  const low = canonical.convert(range.low);
  const high = canonical.convert(range.high);
  const unit = { code: canonical.dimension };
  return { op: 'quantity', param: `${param}:ucum`, prefix, low, high, ...unit };
}

/** `eq` and `ne` mean all that rounds to the number as written; `ap` ten percent around it; the others exactly it. */
function interval(code: string, prefix: Prefix, text: string): { low: number; high: number } {
  const parts = NUMBER.exec(text.replace(/^ /, '+'));
  const value = Number(text);
  if (!parts || !Number.isFinite(value)) throw bad(code, 'the value is no number');
  if (prefix === 'ap') {
    const margin = Math.abs(value) * APPROXIMATION;
    return { low: value - margin, high: value + margin };
  }
  if (prefix !== 'eq' && prefix !== 'ne') return { low: value, high: value };
  const [, fraction = '', exponent] = parts;
  // The last digit written sits at 10^-places. R4 search.html#number reads 1e2 as [95, 105), a digit more, and
  // search.html#quantity 5.40e-3 as 0.0054 ± 0.000005.
  const more = exponent !== undefined && fraction === '' ? 1 : 0;
  const places = fraction.length - Number(exponent ?? 0) + more;
  const scale = 10 ** Math.abs(places);
  // More digits than a double can tell apart.
  if (!Number.isFinite(scale)) return { low: value, high: value };
  // Dividing a whole number by a power of ten rounds once: 5.40 becomes exactly [5.395, 5.405).
  const units = Math.round(places < 0 ? value / scale : value * scale);
  const at = (count: number): number => (places < 0 ? count * scale : count / scale);
  return { low: at(units - 0.5), high: at(units + 0.5) };
}
