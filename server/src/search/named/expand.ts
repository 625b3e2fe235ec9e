import { printable } from '../../fhir/printable.ts';
import { bad } from '../refusals.ts';
import type { NamedQuery } from './named-query.ts';
import { fill, parametersIn } from './query-template.ts';

type Pair = readonly [name: string, value: string];

/** Says what the parameters of a search mean. */
export interface Meant {
  /** The criteria of the named query first, if there is one. */
  readonly parameters: readonly Pair[];
  readonly named?: Expansion;
}

export interface Expansion {
  readonly name: string;
  /** `_query` and the query's own parameters, for links. */
  readonly asked: readonly Pair[];
  readonly criteria: readonly FilledCriterion[];
}

interface FilledCriterion {
  readonly pair: Pair;
  /** The query's own parameters in it. */
  readonly from: readonly string[];
}

/** The name of the query asked for. @throws FhirError `invalid` when there are several */
export function queryNamed(parameters: readonly Pair[]): string | undefined {
  const names = parameters.filter(([name, value]) => name === '_query' && value !== '');
  if (names.length > 1) throw bad('_query', 'it is given twice');
  return names[0]?.[1];
}

/**
 * The search that is meant by a named query: its criteria with the values of its own parameters in them, then everything
 * else that was asked. A criterion one of whose parameters is not given is left out.
 *
 * @throws FhirError `invalid`, naming the parameter
 */
export function expand(query: NamedQuery, parameters: readonly Pair[]): Meant {
  const values = new Map<string, string>();
  const rest: Pair[] = [];
  for (const [name, value] of parameters) {
    const own = ownName(query, name);
    // A parameter without a value is as if it were not there, and told of.
    if (value === '' || (own === undefined && name !== '_query')) rest.push([name, value]);
    else if (own !== undefined) {
      if (values.has(own)) throw bad(own, 'it is given twice');
      values.set(own, value);
    }
  }
  for (const [name, { required }] of query.parameters) {
    if (required && !values.has(name)) throw bad(name, `the query ${query.name} needs it`);
  }
  const criteria = query.criteria.flatMap((template): readonly FilledCriterion[] => {
    const from = parametersIn(template);
    if (!from.every((name) => values.has(name))) return [];
    return [{ pair: [template.name, filled(template, values)], from }];
  });
  return {
    parameters: [...criteria.map(({ pair }) => pair), ...rest],
    named: {
      name: query.name,
      asked: [['_query', query.name], ...values],
      criteria,
    },
  };
}

/** @throws FhirError for a modifier or chain of a name that is the query's own */
function ownName({ parameters, name: query }: NamedQuery, name: string): string | undefined {
  const own = name.split(/[:.]/, 1)[0] ?? '';
  if (!parameters.has(own)) return undefined;
  if (own === name) return own;
  throw bad(printable(name), `${own} is a parameter of the query ${query}, without modifiers`);
}

function filled(
  template: NamedQuery['criteria'][number],
  values: ReadonlyMap<string, string>,
): string {
  try {
    return fill(template, values);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw bad(error.message, 'it is one value: , | and $ in it are written \\, \\| and \\$');
  }
}
