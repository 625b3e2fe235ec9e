import type { ValueSet } from 'fhir/r4.js';
import { FhirError } from '../../fhir/errors.ts';
import { ancestors, descendants } from '../../fhir/terminology/code-system.ts';
import { MEDIA_TYPES } from '../code-systems.ts';
import type { CodeSystems } from '../code-systems.ts';
import { foldPhrase } from '../fold.ts';
import { baseOfMediaType, typedValue } from '../entries/tokens.ts';
import type { ValueContext } from './criterion.ts';
import type { CodeList, Filter } from '../query.ts';
import type { SearchParameter } from '../search-parameter.ts';
import { bad } from '../refusals.ts';
import { splitAt, unescapeValue } from './value-text.ts';

/**
 * Tokens and their modifiers: https://hl7.org/fhir/R4/search.html#token @throws FhirError naming the parameter
 *
 * @rule token, identifier, :not, :text, :in, :of-type
 */
export function tokenFilter(text: string, context: ValueContext): Filter {
  const { parameter, modifier } = context;
  const { code: param } = parameter;
  switch (modifier) {
    case 'text': {
      const value = foldPhrase(unescapeValue(text));
      if (value === '') throw bad(param, 'nothing is left to search for');
      return { op: 'string', param: `${param}:text`, match: 'prefix', value };
    }
    case 'of-type':
      return typedFilter(text, param);
    case 'in':
    case 'not-in':
      return memberFilter(unescapeValue(text), context);
    case 'above':
    case 'below':
      return subsumptionFilter(text, modifier, context);
    default:
      return plainToken(text, parameter, param);
  }
}

/** `code`, `system|code`, `system|` or `|code`. */
export function plainToken(text: string, parameter: SearchParameter, param: string): Filter {
  const caseless = parameter.caseless && param === parameter.code;
  const [first = '', second, ...more] = splitAt(caseless ? text.toLowerCase() : text, '|').map(
    unescapeValue,
  );
  if (more.length > 0) throw bad(parameter.code, 'a token has one | at most');
  if (second === undefined) return { op: 'token', param, code: first };
  if (first === '' && second === '') throw bad(parameter.code, 'neither system nor code is given');
  if (first === '') return { op: 'token', param, system: null, code: second };
  if (parameter.implied && param === parameter.code) {
    return impliedFilter(parameter, parameter.implied, {
      system: first,
      ...(second === '' ? {} : { code: second }),
    });
  }
  return { op: 'token', param, system: first, ...(second === '' ? {} : { code: second }) };
}

/** An element of type code names no system: it is that of the value set it is bound to, or of what it stands in. */
function impliedFilter(
  { code: param }: SearchParameter,
  implied: CodeSystems,
  { system, code }: { readonly system: string; readonly code?: string },
): Filter {
  assertSystems(param, implied);
  const any = [...implied.listed]
    .filter(([known, systems]) => systems.has(system) && (code === undefined || code === known))
    .map(([known]): Filter => ({ op: 'token', param, code: known }));
  const asked = code === undefined ? {} : { code };
  if (implied.whole.has(system)) any.push({ op: 'token', param, ...asked });
  if (implied.indexed) any.push({ op: 'token', param, system, ...asked });
  return any.length === 1 && any[0] ? any[0] : { op: 'or', any };
}

function assertSystems(param: string, { listed, whole, indexed }: CodeSystems): void {
  if (listed.size === 0 && whole.size === 0 && !indexed) {
    throw bad(param, 'its values have no system: ask for the code alone');
  }
}

function typedFilter(text: string, param: string): Filter {
  const [system = '', code = '', value = '', ...more] = splitAt(text, '|').map(unescapeValue);
  if (more.length > 0 || system === '' || code === '' || value === '')
    throw bad(param, 'the form is system|code|value');
  return { op: 'token', param: `${param}:of-type`, system, code: typedValue(code, value) };
}

function memberFilter(set: string, { parameter, baseUrl, terminology }: ValueContext): Filter {
  // A value set of this server may be named by where it is.
  const canonical = /^ValueSet\/[^/]+$/.test(set) ? `${baseUrl}/${set}` : set;
  if (hasAll(parameter, terminology.valueSet(canonical))) {
    return { op: 'token', param: parameter.code };
  }
  const codes = at(parameter.code, () => terminology.codes(canonical));
  return listed(parameter, codes);
}

/** Tells whether a value set takes the whole of the only code system that the parameter's values are of. */
function hasAll({ implied }: SearchParameter, set: ValueSet | undefined): boolean {
  const { include = [], exclude } = set?.compose ?? {};
  if (!implied || implied.indexed || implied.listed.size > 0 || exclude) return false;
  const taken = include.map((part) => (Object.keys(part).length === 1 ? part.system : undefined));
  return implied.whole.size > 0 && [...implied.whole].every((system) => taken.includes(system));
}

function subsumptionFilter(
  text: string,
  direction: 'above' | 'below',
  { parameter, terminology }: ValueContext,
): Filter {
  if (direction === 'below' && parameter.implied?.whole.has(MEDIA_TYPES))
    return mediaTypeFilter(text, parameter);
  const [system = '', code = '', ...more] = splitAt(text, '|').map(unescapeValue);
  if (more.length > 0 || system === '' || code === '')
    throw bad(parameter.code, `:${direction} needs system|code`);
  const view = at(parameter.code, () => terminology.codeSystem(system));
  if (view === undefined) {
    throw new FhirError(
      'not-supported',
      `Search parameter ${parameter.code}: the code system is not known here`,
      { expression: `http.${parameter.code}` },
    );
  }
  const found = direction === 'below' ? descendants(view, code) : ancestors(view, code);
  return listed(parameter, new Map([[system, found]]));
}

/** Whatever its parameters: https://hl7.org/fhir/R4/search.html#mimetype */
function mediaTypeFilter(text: string, { code: param }: SearchParameter): Filter {
  const parts = splitAt(text, '|').map(unescapeValue);
  const [system, written = ''] = parts.length === 1 ? [MEDIA_TYPES, ...parts] : parts;
  const code = baseOfMediaType(written);
  if (parts.length > 2 || system !== MEDIA_TYPES || !code.includes('/'))
    throw bad(param, ':below is followed by a media type');
  return { op: 'token', param: `${param}:below`, code };
}

/** Tokens with one of these codes. */
function listed(
  { code: param, implied }: SearchParameter,
  codes: ReadonlyMap<string, ReadonlySet<string>>,
): Filter {
  const named = [...codes].map(([system, members]): CodeList => ({ system, codes: [...members] }));
  if (!implied) return { op: 'codes', param, lists: named };
  assertSystems(param, implied);
  const bare = new Set([...implied.whole].flatMap((system) => [...(codes.get(system) ?? [])]));
  for (const [code, systems] of implied.listed) {
    if ([...systems].some((system) => codes.get(system)?.has(code))) bare.add(code);
  }
  const lists = [{ system: null, codes: [...bare] }, ...(implied.indexed ? named : [])];
  return { op: 'codes', param, lists };
}

/** Tells what terminology refuses of the parameter that asked. */
function at<T>(param: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const code = error.code === 'not-found' ? 'invalid' : error.code;
    throw new FhirError(code, `Search parameter ${param}: ${error.message.slice(0, 200)}`, {
      expression: `http.${param}`,
    });
  }
}
