import { FhirError, type Issue } from '../../fhir/errors.ts';
import { resourceTypes } from '../../fhir/resource-types.ts';
import { isWhere } from '../parse/contained-asked.ts';
import type { ParseOptions } from '../parse/criterion.ts';
import { parseSearch } from '../parse/parse.ts';
import { isControl } from '../parse/controls.ts';
import type { Registry } from '../registry.ts';
import { fault, readNamedQuery, type NamedQuery } from './named-query.ts';
import { fill, isWhole, parametersIn, type CriterionTemplate } from './query-template.ts';

/** Says why an active definition of a named query cannot be used, by element; empty for what is none, too. */
export function reviewNamedQuery(
  resource: object,
  registry: Registry,
  options: ParseOptions,
): readonly Issue[] {
  const read = readNamedQuery(resource);
  if (read === undefined) return [];
  if ('faults' in read) return read.faults;
  const { query } = read;
  const work = { left: MOST_TRIALS };
  for (const template of query.criteria) {
    const what =
      faultOfKind(template) ?? faultOfTypes(query, template, { registry, options, work });
    if (what !== undefined) return [fault('extension', `The criterion ${template.name}: ${what}`)];
  }
  return [];
}

/** The types a query is of, abstract ones resolved. */
export function typesOf({ types }: NamedQuery, { definitions }: Registry): readonly string[] {
  const all = [...resourceTypes(definitions)].sort();
  if (types.length === 0 || types.includes('Resource')) return all;
  return all.filter((type) => {
    const { base } = definitions.types.get(type) ?? {};
    return types.includes(type) || (base === 'DomainResource' && types.includes(base));
  });
}

/** Parameters whose values have a grammar of their own, in which a part could say anything. */
const OWN_GRAMMAR = /(^|[.:])_(filter|text|content)$/;

function faultOfKind(template: CriterionTemplate): string | undefined {
  const { name } = template;
  if (/^_query\b/.test(name)) return 'a query is not made of queries';
  if (isControl(name) || isWhere(name) || name === '_type') {
    return 'a query selects; what is shown of it is asked for beside it';
  }
  if (OWN_GRAMMAR.test(name) && parametersIn(template).length > 0 && !isWhole(template)) {
    return 'only a whole expression can be that of a parameter';
  }
  return undefined;
}

/** Says how many values may be tried for one definition. */
const MOST_TRIALS = 10_000;

interface Trial {
  readonly registry: Registry;
  readonly options: ParseOptions;
  readonly work: { left: number };
}

/** Modifiers whose values are looked up in what is stored when the query is asked. */
const STORED_TERMS = /:(in|not-in|above|below)$/;

function faultOfTypes(
  query: NamedQuery,
  template: CriterionTemplate,
  { registry, options, work }: Trial,
): string | undefined {
  const constant = parametersIn(template).length === 0;
  const values =
    constant && !STORED_TERMS.test(template.name) ? [fill(template, new Map())] : samples(template);
  for (const type of typesOf(query, registry)) {
    const what = refusalOfAll(values, (value) => {
      work.left -= 1;
      if (work.left < 0)
        throw new FhirError('too-costly', 'it takes too long to look at all types');
      parseSearch(type, [[template.name, value]], registry, { ...options, handling: 'strict' });
    });
    if (what !== undefined) return `${type}: ${what}`;
  }
  return undefined;
}

/** Says why none of the values is taken; what refuses all of them is something in the name. */
function refusalOfAll(
  values: readonly string[],
  parse: (value: string) => unknown,
): string | undefined {
  let first: string | undefined;
  for (const value of values) {
    try {
      parse(value);
      return undefined;
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      first ??= error.message;
      if (error.code === 'too-costly') return error.message;
    }
  }
  return first ?? 'nothing can be asked by it';
}

const SINGLE = ['a', '2020-01-01', '1', 'true', 'Patient/a', 'http://example.org/a'];
const VALUE_SET = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const SYSTEM = 'http://hl7.org/fhir/administrative-gender';

/** Values of every form that some parameter takes. */
const SAMPLES: readonly string[] = [
  ...SINGLE,
  ...['1|1', 'a|b|c', VALUE_SET, `${SYSTEM}|male`, '_id eq a'],
  ...SINGLE.flatMap((a) => SINGLE.map((b) => `${a}$${b}`)),
  ...SINGLE.flatMap((a) => SINGLE.flatMap((b) => SINGLE.map((c) => `${a}$${b}$${c}`))),
];

function samples(template: CriterionTemplate): readonly string[] {
  const named = parametersIn(template);
  const from = isWhole(template) || named.length === 0 ? SAMPLES : SINGLE;
  return from.map((value) =>
    named.length === 0 ? value : fill(template, new Map(named.map((name) => [name, value]))),
  );
}
