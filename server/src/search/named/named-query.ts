import type { Issue } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { parametersIn, parseTemplate } from './query-template.ts';
import type { CriterionTemplate, QueryTemplate } from './query-template.ts';

/**
 * Says what `_query=[name]` means: docs/decisions/0027.
 *
 * @rule _query
 */
export interface NamedQuery {
  readonly name: string;
  /** Canonical URL of the definition, if it has one. */
  readonly url: string | undefined;
  /** Types it is of, abstract ones included; empty: all. */
  readonly types: readonly string[];
  readonly system: boolean;
  readonly type: boolean;
  /** Its own parameters, by name. */
  readonly parameters: ReadonlyMap<string, { readonly required: boolean }>;
  readonly criteria: readonly CriterionTemplate[];
}

/** On an OperationDefinition of kind `query`: what it selects, as an Expression. */
const CRITERIA_EXTENSION =
  'https://chartseal.example.org/fhir/StructureDefinition/named-query-criteria';
const LANGUAGE = 'application/x-fhir-query';
/** Says how many parameters a query may have. */
const MOST_PARAMETERS = 64;
const NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** Tells whether a definition with this code can be accepted. */
export function isQueryName(name: string): boolean {
  return NAME.test(name);
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Returns what an active OperationDefinition (valid by R4) says of a named query that this server can evaluate.
 *
 * @returns undefined when it is none: not active, an operation, or without criteria
 */
export function readNamedQuery(
  resource: object,
): { readonly query: NamedQuery } | { readonly faults: readonly Issue[] } | undefined {
  const definition = resource as Json;
  if (definition['status'] !== 'active' || definition['kind'] !== 'query') return undefined;
  const extensions = list(definition['extension']);
  const at = extensions.findIndex(({ url }) => url === CRITERIA_EXTENSION);
  if (at < 0) return undefined;
  const element = `extension[${at}].value`;
  const faults = [...faultsOfHead(definition), ...faultsOfParameters(definition)];
  if (extensions.filter(({ url }) => url === CRITERIA_EXTENSION).length > 1) {
    faults.push(fault('extension', 'The criteria are given twice'));
  }
  const template = templateOf((extensions[at]?.['valueExpression'] ?? {}) as Json);
  if (typeof template === 'string') faults.push(fault(element, template));
  if (faults.length > 0 || typeof template === 'string') return { faults };
  const query = queryOf(definition, template);
  const found = faultsOfCriteria(query, template, element);
  return found.length > 0 ? { faults: found } : { query };
}

function queryOf(definition: Json, { criteria }: QueryTemplate): NamedQuery {
  const url = definition['url'];
  const types = definition['resource'];
  return {
    name: String(definition['code']),
    url: typeof url === 'string' ? url : undefined,
    types: Array.isArray(types) ? types.map(String) : [],
    system: definition['system'] === true,
    type: definition['type'] === true,
    parameters: new Map(
      ownParameters(definition).map(({ parameter: { name, min } }) => [
        String(name),
        { required: Number(min) > 0 },
      ]),
    ),
    criteria,
  };
}

function faultsOfHead({ code, instance, type, system }: Json): Issue[] {
  const faults: Issue[] = [];
  if (!isQueryName(String(code))) {
    faults.push(fault('code', 'The name is a letter, and at most 63 of A-Z a-z 0-9 _ . -'));
  }
  if (instance === true) faults.push(fault('instance', 'A query is not asked of one resource'));
  if (type !== true && system !== true) {
    faults.push(fault('type', 'A query is of types, of the system, or of both'));
  }
  return faults;
}

function faultsOfParameters(definition: Json): Issue[] {
  const names = new Set<string>();
  const own = ownParameters(definition);
  if (own.length > MOST_PARAMETERS) {
    return [fault('parameter', `A query has at most ${MOST_PARAMETERS} parameters`)];
  }
  return own.flatMap(({ parameter, at }): readonly Issue[] => {
    const element = `parameter[${at}]`;
    const name = String(parameter['name']);
    if (!/^[A-Za-z][\w-]{0,63}$/.test(name)) {
      const what = 'The name is a letter, and at most 63 letters, digits, underscores and hyphens';
      return [fault(`${element}.name`, what)];
    }
    if (names.has(name)) return [fault(`${element}.name`, `${name} is there twice`)];
    names.add(name);
    if (parameter['type'] !== 'string') {
      return [fault(`${element}.type`, 'Parameters of a query are of type string')];
    }
    // Alternatives are written with commas.
    if (parameter['max'] !== '1') return [fault(`${element}.max`, 'It may be given once')];
    return [];
  });
}

function ownParameters(
  definition: Json,
): readonly { readonly parameter: Json; readonly at: number }[] {
  return list(definition['parameter'])
    .map((parameter, at) => ({ parameter, at }))
    .filter(({ parameter: { use } }) => use === 'in');
}

/** A text says what is wrong. */
function templateOf({ language, expression }: Json): QueryTemplate | string {
  if (language !== LANGUAGE || typeof expression !== 'string') {
    return `The criteria are an Expression in ${LANGUAGE}`;
  }
  try {
    return parseTemplate(expression);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `The criteria cannot be read: ${error.message}`;
  }
}

function faultsOfCriteria(
  { criteria, parameters, types }: NamedQuery,
  { type }: QueryTemplate,
  element: string,
): readonly Issue[] {
  const used = new Set(criteria.flatMap(parametersIn));
  const unknown = [...used].filter((name) => !parameters.has(name));
  const idle = [...parameters.keys()].filter((name) => !used.has(name));
  return [
    ...unknown.map((name) => fault(element, `%${printable(name)} is no parameter of the query`)),
    ...idle.map((name) => fault('parameter', `No criterion uses ${printable(name)}`)),
    ...(type !== undefined && types.join() !== type
      ? [fault(element, `The criteria are about ${printable(type)}, the definition is not`)]
      : []),
  ];
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Returns what is wrong with an element of the definition. */
export function fault(element: string, what: string): Issue {
  return {
    severity: 'error',
    code: 'not-supported',
    diagnostics: what.slice(0, 300).toWellFormed(),
    expression: [`OperationDefinition.${element}`],
  };
}
