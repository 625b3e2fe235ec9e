import { FhirError } from '../fhir/errors.ts';
import { timeRange } from '../fhir/instant.ts';
import { parseReference } from '../fhir/reference.ts';
import { foldString } from './fold.ts';
import type { Filter, Prefix } from './query.ts';
import type { SearchParameter } from './registry.ts';

/** One value of a criterion, with what it belongs to. */
export interface ValueContext {
  readonly parameter: SearchParameter;
  readonly modifier: string | undefined;
  readonly baseUrl: string;
  readonly isType: (name: string) => boolean;
}

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-+.\d])/;

/** Splits at unescaped commas; escapes stay, since `|` and `$` are read later. */
export function splitOr(text: string): string[] {
  return splitAt(text, ',');
}

function splitAt(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Removes the escapes of R4 search.html#escaping: `\,` `\|` `\$` `\\`. Other backslashes stand for themselves. */
export function unescapeValue(text: string): string {
  return text.replace(/\\([,|$\\])/g, '$1');
}

export function badValue(code: string, what: string): FhirError {
  return new FhirError('invalid', `Search parameter ${code}: ${what}`, {
    expression: `http.${code}`,
  });
}

/** @throws FhirError naming the parameter */
export function valueFilter(text: string, context: ValueContext): Filter {
  const { code } = context.parameter;
  if (text === '') throw badValue(code, 'a value is empty');
  if (/\0/.test(text) || !text.isWellFormed()) throw badValue(code, 'the value is not text');
  switch (context.parameter.type) {
    case 'token':
      return tokenFilter(text, context.parameter);
    case 'string':
      return stringFilter(unescapeValue(text), context);
    case 'date':
      return dateFilter(text, context);
    case 'reference':
      return referenceFilter(text, context);
    case 'uri':
      return {
        op: 'uri',
        param: code,
        match: uriMatch(context.modifier),
        value: unescapeValue(text),
      };
    case 'number':
      return numberFilter(text, context);
    case 'quantity':
      return quantityFilter(text, context);
  }
}

function uriMatch(modifier: string | undefined): 'exact' | 'below' | 'above' {
  return modifier === 'below' || modifier === 'above' ? modifier : 'exact';
}

function tokenFilter(text: string, parameter: SearchParameter, param = parameter.code): Filter {
  const [first = '', second, ...more] = splitAt(text, '|').map(unescapeValue);
  if (more.length > 0) throw badValue(parameter.code, 'a token has one | at most');
  if (second === undefined) return { op: 'token', param, code: first };
  if (first === '' && second === '')
    throw badValue(parameter.code, 'neither system nor code is given');
  if (first === '') return { op: 'token', param, system: null, code: second };
  // An element of type code names no system: it is that of the value set it is bound to.
  if (parameter.implied && param === parameter.code) return impliedFilter(parameter, first, second);
  return { op: 'token', param, system: first, ...(second === '' ? {} : { code: second }) };
}

function impliedFilter(parameter: SearchParameter, system: string, code: string): Filter {
  const param = parameter.code;
  const codes = [...(parameter.implied ?? [])].filter(
    ([known, systems]) => systems.has(system) && (code === '' || code === known),
  );
  return { op: 'or', any: codes.map(([known]): Filter => ({ op: 'token', param, code: known })) };
}

function stringFilter(value: string, { parameter, modifier }: ValueContext): Filter {
  const param = parameter.code;
  if (modifier === 'exact') return { op: 'string', param, match: 'exact', value };
  const folded = foldString(value);
  if (folded === '') throw badValue(param, 'nothing is left to search for');
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
  if (!range) throw badValue(parameter.code, 'the value is no date');
  // `ap` reaches as far again as the date is precise, a day at least. A tenth of the distance from now, which R4
  // suggests, would change from page to page.
  const margin = prefix === 'ap' ? Math.max(range.to - range.from, DAY) : 0;
  return {
    op: 'date',
    param: parameter.code,
    prefix,
    from: range.from - margin,
    to: range.to + margin,
  };
}

/** A `+` of a time zone that was not percent-encoded arrives as a space. */
export function dateRange(text: string): { from: number; to: number } | undefined {
  return timeRange(text.replace(/ (\d\d:\d\d)$/, '+$1'));
}

/** A prefix counts only before a digit or sign; anything else is part of a bad value. */
export function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const prefix = PREFIX.exec(text)?.[1];
  return prefix === undefined
    ? { prefix: 'eq', rest: text }
    : { prefix: prefix as Prefix, rest: text.slice(2) };
}

function referenceFilter(text: string, context: ValueContext): Filter {
  const { parameter, modifier, baseUrl, isType } = context;
  const param = parameter.code;
  if (modifier === 'identifier') return tokenFilter(text, parameter, `${param}:identifier`);
  const value = unescapeValue(text);
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(value)) return idFilter(value, context);
  if (modifier !== undefined) throw badValue(param, `:${modifier} is followed by an id only`);
  const parsed = parseReference(value, baseUrl);
  if (parsed?.kind === 'local') {
    if (!isType(parsed.type)) throw badValue(param, 'R4 has no such resource type');
    return { op: 'reference', param, target: `${parsed.type}/${parsed.id}` };
  }
  if (parsed?.kind !== 'absolute') throw badValue(param, 'the value is no reference');
  return { op: 'reference', param, target: parsed.url };
}

function idFilter(id: string, { parameter, modifier, isType }: ValueContext): Filter {
  const param = parameter.code;
  const types = modifier === undefined ? referenceTypes(parameter) : [modifier];
  const usable = types.filter(isType);
  if (usable.length === 0) throw badValue(param, 'write the reference as Type/id');
  return {
    op: 'or',
    any: usable.map((type): Filter => ({ op: 'reference', param, target: `${type}/${id}` })),
  };
}

/** The types that a bare id may be of; empty: any. */
export function referenceTypes(parameter: SearchParameter): readonly string[] {
  const only = parameter.paths.map(({ steps }) => steps.at(-1)?.target);
  const named = only.filter((type) => type !== undefined);
  return named.length === only.length && named.length > 0 ? [...new Set(named)] : parameter.targets;
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
  if (more.length > 0) throw badValue(param, 'the form is number|system|code');
  return {
    op: 'quantity',
    param,
    prefix,
    ...interval(param, prefix, amount),
    ...(system === '' ? {} : { system }),
    ...(code === '' ? {} : { code }),
  };
}

/** `eq` and `ne` mean all that rounds to the number as written; `ap` ten percent around it; the others exactly it. */
function interval(code: string, prefix: Prefix, text: string): { low: number; high: number } {
  const parts = NUMBER.exec(text.replace(/^ /, '+'));
  const value = Number(text);
  if (!parts || !Number.isFinite(value)) throw badValue(code, 'the value is no number');
  if (prefix === 'ap') {
    const margin = Math.abs(value) * APPROXIMATION;
    return { low: value - margin, high: value + margin };
  }
  if (prefix !== 'eq' && prefix !== 'ne') return { low: value, high: value };
  const [, fraction = '', exponent] = parts;
  // The last digit written sits at 10^-places. R4 search.html#number reads 1e2 as [95, 105): a digit more.
  const places = fraction.length - Number(exponent ?? 0) + (exponent === undefined ? 0 : 1);
  const scale = 10 ** Math.abs(places);
  // Dividing a whole number by a power of ten rounds once: 5.40 becomes exactly [5.395, 5.405).
  const units = Math.round(places < 0 ? value / scale : value * scale);
  const at = (count: number): number => (places < 0 ? count * scale : count / scale);
  return { low: at(units - 0.5), high: at(units + 0.5) };
}
