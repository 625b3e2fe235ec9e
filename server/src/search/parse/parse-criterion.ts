import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { leafTypes } from '../expression/element-path.ts';
import type { Criterion, ParseOptions, Unknown } from './criterion.ts';
import { linkFilter, splitLink, startReach } from '../chaining/parse-link.ts';
import type { Link, Reach } from '../chaining/parse-link.ts';
import { hierarchies } from './parse-hierarchy.ts';
import { filterCriterion } from '../filter/filter-criterion.ts';
import { listCriterion } from './parse-list.ts';
import { COLUMN_MODIFIERS, columnFilter } from './parse-column.ts';
import { namesCanonical } from './parse-uri.ts';
import { valueFilter } from './parse-value.ts';
import { wordsFilter } from './parse-words.ts';
import type { Filter } from '../query.ts';
import type { Registry } from '../registry.ts';
import type { SearchParameter } from '../search-parameter.ts';
import { bad } from '../refusals.ts';
import { splitOr, unescapeValue } from './value-text.ts';

/** Modifiers by kind of parameter; `[type]` of references is added where it is read. */
const MODIFIERS: Readonly<Record<SearchParameter['type'], readonly string[]>> = {
  token: ['missing', 'text', 'not', 'above', 'below', 'in', 'not-in', 'of-type'],
  string: ['missing', 'exact', 'contains'],
  date: ['missing'],
  reference: ['missing', 'identifier'],
  uri: ['missing', 'below', 'above'],
  number: ['missing'],
  quantity: ['missing'],
  // R4 search.html#modifiers leaves combinations out.
  composite: [],
  special: ['missing'],
};

/** Modifiers that `parseSearch` understands for a parameter, without the types of references. */
export function modifiersOf(parameter: SearchParameter, registry: Registry): readonly string[] {
  const modifiers = MODIFIERS[parameter.type];
  if (parameter.type === 'token' && !isIdentifier(parameter))
    return modifiers.filter((modifier) => modifier !== 'of-type');
  if (parameter.type !== 'reference') return modifiers;
  const canonical = namesCanonical(parameter);
  // A resource that is named by its canonical URL has no other identifier.
  const known = canonical ? modifiers.filter((modifier) => modifier !== 'identifier') : modifiers;
  if (hierarchies(parameter, registry).size > 0) return [...known, 'above', 'below'];
  return canonical ? [...known, 'below'] : known;
}

function isIdentifier({ paths }: SearchParameter): boolean {
  return paths.some((path) => leafTypes(path).includes('Identifier'));
}

/** @throws FhirError for what is known but wrong, or known and not supported */
export function parseCriterion(
  type: string,
  [name, value]: readonly [string, string],
  registry: Registry,
  options: ParseOptions & { readonly reach?: Reach },
): Criterion | Unknown {
  const link = splitLink(name);
  if (link !== undefined) return linkCriterion(link, type, [name, value], { registry, options });
  const [code, modifier] = splitModifier(name);
  if (code === '_list') return listCriterion(modifier, value);
  if (code === '_filter' && modifier === undefined)
    return filterExpression(type, value, { registry, options });
  if (code === '_content' || (code === '_text' && hasNarrative(type, registry)))
    return wordsCriterion(code, modifier, value);
  // A named query finds something else: it cannot be ignored, and is no part of another expression.
  if (code === '_query')
    throw unsupported(code, 'a named query is not supported within another expression');
  if (code === '_id' || code === '_lastUpdated') {
    if (modifier !== undefined && !COLUMN_MODIFIERS[code].includes(modifier))
      throw unsupported(name, `the modifier :${printable(modifier)} is not supported`);
    const filter = columnFilter(code, modifier, value);
    return { kind: 'criterion', code, positive: modifier === undefined, filter };
  }
  const parameter = registry.parameters(type).get(code);
  if (parameter) return indexCriterion(parameter, [modifier, value], { type, registry, options });
  if (registry.pending(type).has(code))
    throw unsupported(code, 'its index is not complete yet; ask again later');
  if (registry.unsupported(type).has(code))
    throw unsupported(code, 'this server does not support it');
  return { kind: 'unknown', reason: `${printable(code)} is no search parameter of ${type}` };
}

function hasNarrative(type: string, { definitions }: Registry): boolean {
  return definitions.types.get(type)?.base === 'DomainResource';
}

/** Characters of all alternatives together: each of them is many words. */
const LONGEST_TEXT = 8192;

function wordsCriterion(
  code: '_text' | '_content',
  modifier: string | undefined,
  value: string,
): Criterion {
  if (modifier !== undefined) throw unsupported(code, 'it has no modifier');
  if (value.length > LONGEST_TEXT) {
    throw new FhirError('too-costly', `Search parameter ${code}: over ${LONGEST_TEXT} characters`, {
      expression: `http.${code}`,
    });
  }
  const any = splitOr(value).map((part) => wordsFilter(code, unescapeValue(part)));
  return { kind: 'criterion', code, positive: true, filter: { op: 'or', any } };
}

interface Sources {
  readonly registry: Registry;
  readonly options: ParseOptions & { readonly reach?: Reach };
}

function linkCriterion(
  link: Link,
  type: string,
  [name, value]: readonly [string, string],
  { registry, options }: Sources,
): Criterion | Unknown {
  const filter = linkFilter(link, {
    type,
    registry,
    reach: options.reach ?? startReach(),
    parse: (there, rest, farther) => {
      const found = parseCriterion(there, [rest, value], registry, { ...options, reach: farther });
      return found.kind === 'unknown' ? found : found.filter;
    },
  });
  if ('reason' in filter) return { kind: 'unknown', reason: filter.reason };
  return { kind: 'criterion', code: name, positive: true, filter };
}

function filterExpression(
  type: string,
  value: string,
  { registry, options }: Sources,
): Criterion | Unknown {
  const filter = filterCriterion(type, value, {
    registry,
    reach: options.reach ?? startReach(),
    parse: (there, rest, text) => {
      const found = parseCriterion(there, [rest, text], registry, options);
      return found.kind === 'unknown' ? found : found.filter;
    },
  });
  if ('reason' in filter) return { kind: 'unknown', reason: filter.reason };
  return { kind: 'criterion', code: '_filter', positive: false, filter };
}

function indexCriterion(
  parameter: SearchParameter,
  [modifier, value]: readonly [string | undefined, string],
  { type, registry, options: { baseUrl, terminology } }: Sources & { readonly type: string },
): Criterion {
  const { code } = parameter;
  const isType = (named: string): boolean =>
    registry.definitions.types.get(named)?.kind === 'resource';
  if (modifier !== undefined && !modifiersOf(parameter, registry).includes(modifier))
    assertType(parameter, modifier, isType);
  if (modifier === 'missing') return missingCriterion(parameter, value);
  const any = splitOr(value).map((part) =>
    valueFilter(part, { type, parameter, modifier, baseUrl, isType, terminology, registry }),
  );
  const filter: Filter = any.length === 1 && any[0] ? any[0] : { op: 'or', any };
  if (modifier === 'not' || modifier === 'not-in')
    return { kind: 'criterion', code, positive: false, filter: { op: 'not', filter } };
  return { kind: 'criterion', code, positive: true, filter };
}

function splitModifier(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** Asserts that what is no modifier of its own is a type that the reference can lead to. */
function assertType(
  parameter: SearchParameter,
  modifier: string,
  isType: (name: string) => boolean,
): void {
  if (parameter.type === 'reference' && isType(modifier)) {
    if (parameter.targets.length === 0 || parameter.targets.includes(modifier)) return;
    throw bad(parameter.code, `it never refers to ${modifier}`);
  }
  throw unsupported(parameter.code, `the modifier :${printable(modifier)} is not supported`);
}

/** Finds what cannot be searched for, which is there all the same: it is indexed under `<code>:present`. */
function missingCriterion({ code }: SearchParameter, value: string): Criterion {
  if (value !== 'true' && value !== 'false') throw bad(code, ':missing is true or false');
  const missing = value === 'true';
  const parts = [code, `${code}:present`].map((param): Filter => ({
    op: 'missing',
    param,
    missing,
  }));
  const filter: Filter = missing ? { op: 'and', all: parts } : { op: 'or', any: parts };
  return { kind: 'criterion', code, positive: false, filter };
}

function unsupported(code: string, what: string): FhirError {
  const name = printable(code);
  return new FhirError('not-supported', `Search parameter ${name}: ${what}`, {
    expression: `http.${name}`,
  });
}
