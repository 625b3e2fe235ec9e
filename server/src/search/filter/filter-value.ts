import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import type { SearchParameter } from '../search-parameter.ts';
import { badFilter } from './parse-filter.ts';
import type { FilterOperator, FilterTest } from './parse-filter.ts';

type Kind = SearchParameter['type'] | undefined;

/** The test as an ordinary criterion, where search has one of that meaning. */
export function ordinaryValue(
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

/** The value of one criterion: a comma is part of it. */
export function escaped(value: string): string {
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

export function expandSystem(value: string): string {
  const bar = value.indexOf('|');
  const system = bar < 0 ? undefined : SYSTEMS.get(value.slice(0, bar));
  return system === undefined ? value : system + value.slice(bar);
}

function expandUnit(value: string): string {
  const bar = value.indexOf('|');
  return bar < 0 ? value : `${value.slice(0, bar)}|${expandSystem(value.slice(bar + 1))}`;
}

export function unfit(operator: string, code: string): FhirError {
  return badFilter(`${operator} does not fit the parameter ${printable(code)}`);
}
