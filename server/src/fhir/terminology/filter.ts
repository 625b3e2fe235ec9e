import type { ValueSetComposeIncludeFilter } from 'fhir/r4.js';
import { RE2JS } from 're2js';
import { FhirError } from '../errors.ts';
import type { CodeSystemView, Concept } from './code-system.ts';

/** Tells whether a concept of the code system passes; says what finding out takes, in looks at a concept or a value. */
export type Passes = (concept: Concept, spend: (steps: number) => void) => boolean;

const BUILT_IN = new Set([
  ...['concept', 'code', 'display', 'definition', 'parent', 'child', 'inactive', 'abstract'],
  ...['status', 'notSelectable', 'deprecationDate'],
]);
/** Characters, as often as they are repeated. */
const LARGEST_PATTERN = 2_000;

/**
 * A filter of ValueSet.compose: http://hl7.org/fhir/R4/valueset-filter-operator.html
 * @throws FhirError `unprocessable` for what cannot be evaluated over this code system
 */
export function passes(view: CodeSystemView, filter: ValueSetComposeIncludeFilter): Passes {
  const kept = prepared.get(filter) ?? new WeakMap<CodeSystemView, Passes>();
  prepared.set(filter, kept);
  const known = kept.get(view);
  if (known !== undefined) return known;
  const made = prepare(view, filter);
  kept.set(view, made);
  return made;
}

const prepared = new WeakMap<ValueSetComposeIncludeFilter, WeakMap<CodeSystemView, Passes>>();

function prepare(view: CodeSystemView, filter: ValueSetComposeIncludeFilter): Passes {
  const { property, op, value } = filter;
  const own = view.ownFilter?.(filter);
  if (own !== undefined) return own;
  if (!BUILT_IN.has(property) && !view.declares(property)) {
    throw new FhirError(
      'unprocessable',
      `The code system ${view.url} declares no property "${property}" to filter by`,
    );
  }
  const values = valuesOf(view, property);
  switch (op) {
    case '=':
      return (concept) => values(concept).includes(value);
    case 'in':
    case 'not-in': {
      const wanted = new Set(value.split(',').map((one) => one.trim()));
      const found: Passes = (concept) => values(concept).some((one) => wanted.has(one));
      return op === 'in' ? found : (concept, spend) => !found(concept, spend);
    }
    case 'exists':
      return (concept) => values(concept).length > 0 === (value === 'true');
    case 'regex': {
      const pattern = patternOf(value);
      return (concept, spend) =>
        values(concept).some((one) => {
          spend(Math.ceil((one.length * sizeOf(value)) / 20));
          return pattern.matches(one);
        });
    }
    case 'is-a':
    case 'descendent-of':
    case 'is-not-a':
    case 'generalizes':
      return hierarchic(view, filter);
    default:
      throw new FhirError('unprocessable', `R4 has no filter operator "${String(op)}"`);
  }
}

function hierarchic(view: CodeSystemView, filter: ValueSetComposeIncludeFilter): Passes {
  const { property, op, value } = filter;
  if (property !== 'concept' && property !== 'code') {
    throw new FhirError('unprocessable', `The operator ${op} filters by "concept" only`);
  }
  const base = view.find(value);
  if (base === undefined) {
    throw new FhirError('unprocessable', `The code system ${view.url} has no code "${value}"`);
  }
  if (op === 'generalizes') return ({ code }, spend) => isBelow(view, base.code, code, spend);
  if (op === 'is-not-a') return ({ code }, spend) => !isBelow(view, code, base.code, spend);
  if (op === 'is-a') return ({ code }, spend) => isBelow(view, code, base.code, spend);
  return ({ code }, spend) => code !== base.code && isBelow(view, code, base.code, spend);
}

/** Tells whether `ancestor` is the code or one of those that subsume it. */
function isBelow(
  view: CodeSystemView,
  code: string,
  ancestor: string,
  spend: (steps: number) => void,
): boolean {
  const seen = new Set([code]);
  for (const one of seen) {
    if (one === ancestor) return true;
    const parents = view.parents(one);
    spend(1 + parents.length);
    for (const parent of parents) seen.add(parent);
  }
  return false;
}

/** Patterns come from clients: this engine takes linear time whatever they are. */
function patternOf(value: string): RE2JS {
  if (sizeOf(value) > LARGEST_PATTERN) {
    throw new FhirError('unprocessable', 'The regular expression of a filter is too large');
  }
  try {
    return RE2JS.compile(value);
  } catch {
    throw new FhirError(
      'unprocessable',
      'The regular expression of a filter is not valid, or looks back or ahead',
    );
  }
}

/** Nested repetitions multiply; whether they are nested is not looked at. */
function sizeOf(pattern: string): number {
  const repeats = [...pattern.matchAll(/\{(\d*),?(\d*)\}/g)];
  return repeats.reduce(
    (size, [, least, most]) => size * Math.max(1, Number(least), Number(most)),
    pattern.length,
  );
}

function valuesOf(view: CodeSystemView, property: string): (concept: Concept) => readonly string[] {
  const one = (value: string | undefined): readonly string[] =>
    value === undefined ? [] : [value];
  switch (property) {
    case 'concept':
    case 'code':
      return ({ code }) => [code];
    case 'display':
      return ({ display }) => one(display);
    case 'definition':
      return ({ definition }) => one(definition);
    case 'parent':
      return ({ code }) => view.parents(code);
    case 'child':
      return ({ code }) => view.children(code);
    case 'inactive':
      return ({ inactive }) => [String(inactive === true)];
    case 'abstract':
    case 'notSelectable':
      return ({ abstract }) => [String(abstract === true)];
    default:
      return (concept) =>
        (concept.property ?? []).filter(({ code }) => code === property).map(textOf);
  }
}

function textOf(property: NonNullable<Concept['property']>[number]): string {
  const { valueCode, valueString, valueBoolean, valueInteger, valueDecimal, valueDateTime } =
    property;
  const value =
    valueCode ??
    valueString ??
    valueBoolean ??
    valueInteger ??
    valueDecimal ??
    valueDateTime ??
    property.valueCoding?.code;
  return value === undefined ? '' : String(value);
}
