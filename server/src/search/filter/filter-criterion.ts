import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { foldPhrase } from '../fold.ts';
import { linkFilter, type Reach } from '../parse/parse-link.ts';
import type { Filter } from '../query.ts';
import type { Registry, SearchParameter } from '../registry.ts';
import { badFilter, parseFilterText } from './parse-filter.ts';
import type { FilterExpression, FilterOperator, FilterTest } from './parse-filter.ts';

type FilterOrReason = Filter | { readonly reason: string };

interface Setting {
  readonly registry: Registry;
  readonly reach: Reach;
  /** An ordinary search criterion, with its name's modifier and its value as in a URL. */
  readonly parse: (type: string, name: string, value: string) => FilterOrReason;
}

/**
 * Returns what a `_filter` says of resources of a type, with the meanings that the parameters have elsewhere.
 * @throws FhirError naming `_filter`; a text says which parameter is unknown
 */
export function filterCriterion(type: string, text: string, setting: Setting): FilterOrReason {
  return named(() => ofExpression(type, parseFilterText(text), setting));
}

/** Whatever is wrong inside is wrong with `_filter`. */
function named<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FhirError) || error.expression?.[0] === 'http._filter') throw error;
    const why = error.message.replace(/^Search parameter /, '');
    throw new FhirError(error.code, `Search parameter _filter: ${why}`, {
      expression: 'http._filter',
    });
  }
}

function ofExpression(
  type: string,
  expression: FilterExpression,
  setting: Setting,
): FilterOrReason {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const parts: Filter[] = [];
      for (const part of expression.of) {
        const found = ofExpression(type, part, setting);
        if ('reason' in found) return found;
        parts.push(found);
      }
      return expression.kind === 'and' ? { op: 'and', all: parts } : { op: 'or', any: parts };
    }
    case 'not': {
      const filter = ofExpression(type, expression.of, setting);
      return 'reason' in filter ? filter : { op: 'not', filter };
    }
    case 'test':
      return ofPath(type, expression, setting);
  }
}

function ofPath(type: string, test: FilterTest, setting: Setting): FilterOrReason {
  const [step, ...rest] = test.path;
  if (step === undefined) throw new Error('a path is not empty');
  if (rest.length === 0) return ofTest(type, step.name, test, setting);
  return linkFilter(
    { kind: 'chain', code: step.name, type: undefined, rest: '' },
    {
      type,
      registry: setting.registry,
      reach: setting.reach,
      parse: (there, _rest, reach) => {
        const farther = { ...setting, reach };
        const end = ofPath(there, { ...test, path: rest }, farther);
        if (step.filter === undefined || 'reason' in end) return end;
        const condition = ofExpression(there, step.filter, farther);
        return 'reason' in condition ? condition : { op: 'and', all: [condition, end] };
      },
    },
  );
}

function ofTest(type: string, code: string, test: FilterTest, setting: Setting): FilterOrReason {
  const { operator, value } = test;
  const parameter = setting.registry.parameters(type).get(code);
  if (operator === 'pr') {
    if (value !== 'true' && value !== 'false') throw badFilter('pr is followed by true or false');
    return setting.parse(type, `${code}:missing`, value === 'true' ? 'false' : 'true');
  }
  const ordinary = ordinaryValue(code, parameter?.type ?? COLUMNS[code], test);
  if (ordinary !== undefined) {
    return setting.parse(type, `${code}${ordinary.modifier ?? ''}`, ordinary.value);
  }
  if (parameter === undefined) {
    // Says why, in the words of any other search.
    const known = setting.parse(type, code, value);
    if ('reason' in known) return known;
    throw unfit(operator, code);
  }
  if (parameter.type === 'string') return ofString(code, operator, value);
  // Behind `ge` a number is exactly the one that is written.
  const ordinal = parameter.type === 'number' ? `ge${value}` : expandSystem(value);
  const like = setting.parse(type, code, escaped(ordinal));
  return 'reason' in like ? like : unequalOrWithin(parameter, operator, like);
}

/** Their values are kept beside the index. */
const COLUMNS: Readonly<Record<string, 'token' | 'date'>> = { _id: 'token', _lastUpdated: 'date' };

type Kind = SearchParameter['type'] | undefined;

/** The test as an ordinary criterion, where search has one of that meaning. */
function ordinaryValue(
  code: string,
  kind: Kind,
  { operator, value }: FilterTest,
): { readonly modifier?: string; readonly value: string } | undefined {
  const modifier = MODIFIERS[operator];
  if (modifier !== undefined) {
    if (kind !== 'token' || code === '_id') throw unfit(operator, code);
    return { modifier, value: escaped(expandSystem(value)) };
  }
  switch (kind) {
    case 'number':
    case 'quantity':
    case 'date':
      return orderedValue(code, operator, value);
    case 'token':
      return tokenValue(code, operator, value);
    case 'string':
      if (operator === 'co') return { modifier: ':contains', value: text(value) };
      return operator === 'sw' ? { value: text(value) } : undefined;
    case undefined:
      return undefined;
    default:
      if (operator !== 'eq' && !(kind === 'reference' && operator === 're')) {
        throw unfit(operator, code);
      }
      return { value: escaped(value) };
  }
}

function orderedValue(
  code: string,
  operator: FilterOperator,
  value: string,
): { readonly value: string } | undefined {
  if (operator === 'co' || operator === 'po') return undefined;
  if (!PREFIXES.has(operator)) throw unfit(operator, code);
  return { value: `${operator}${escaped(expandUnit(value))}` };
}

function tokenValue(
  code: string,
  operator: FilterOperator,
  value: string,
): { readonly modifier?: string; readonly value: string } | undefined {
  if (operator === 'eq') return { value: escaped(expandSystem(value)) };
  if (operator !== 'ne') throw unfit(operator, code);
  return code === '_id' ? { modifier: ':not', value: escaped(value) } : undefined;
}

const MODIFIERS: Partial<Record<FilterOperator, string>> = {
  ss: ':below',
  sb: ':above',
  in: ':in',
  ni: ':not-in',
};
const PREFIXES = new Set<string>(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb']);

/** R4 search_filter.html: the whole text without case, or the order of its characters. */
function ofString(param: string, operator: FilterOperator, value: string): Filter {
  const folded = foldPhrase(value);
  if (folded === '') throw badFilter(`${param}: nothing is left to search for`);
  const test = (match: 'equal' | 'suffix' | 'less' | 'greater'): Filter => ({
    op: 'string',
    param,
    match,
    value: folded,
  });
  switch (operator) {
    case 'eq':
      return test('equal');
    case 'ne':
      return { op: 'or', any: [test('less'), test('greater')] };
    case 'ew':
      return test('suffix');
    case 'lt':
      return test('less');
    case 'gt':
      return test('greater');
    case 'le':
      return { op: 'or', any: [test('less'), test('equal')] };
    case 'ge':
      return { op: 'or', any: [test('greater'), test('equal')] };
    default:
      throw unfit(operator, param);
  }
}

/** @param like the criterion for an equal value */
function unequalOrWithin(
  { code, type }: SearchParameter,
  operator: FilterOperator,
  like: Filter,
): Filter {
  switch (type) {
    case 'token': {
      if (like.op === 'token') return { ...like, unequal: true };
      // Several codes, of what is one element: a code that is bound to several systems.
      const present: Filter = { op: 'missing', param: code, missing: false };
      return { op: 'and', all: [present, { op: 'not', filter: like }] };
    }
    case 'date':
      if (like.op !== 'date') break;
      return { ...like, prefix: operator === 'po' ? 'ap' : 'co' };
    case 'number':
      if (like.op !== 'number' || operator === 'po') break;
      return { ...like, prefix: 'co' };
    default:
  }
  throw unfit(operator, code);
}

/** The value of one criterion: a comma is part of it. */
function escaped(value: string): string {
  return value.replaceAll(',', '\\,');
}

/** Nothing in a text has another meaning. */
function text(value: string): string {
  return value.replaceAll(/[\\,|$]/g, '\\$&');
}

const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['loinc', 'http://loinc.org'],
  ['snomed', 'http://snomed.info/sct'],
  ['rxnorm', 'http://www.nlm.nih.gov/research/umls/rxnorm'],
  ['ucum', 'http://unitsofmeasure.org'],
]);

function expandSystem(value: string): string {
  const bar = value.indexOf('|');
  const system = bar < 0 ? undefined : SYSTEMS.get(value.slice(0, bar));
  return system === undefined ? value : system + value.slice(bar);
}

function expandUnit(value: string): string {
  const bar = value.indexOf('|');
  return bar < 0 ? value : `${value.slice(0, bar)}|${expandSystem(value.slice(bar + 1))}`;
}

function unfit(operator: string, code: string): FhirError {
  return badFilter(`${operator} does not fit the parameter ${printable(code)}`);
}
