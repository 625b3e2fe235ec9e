import { forOperators, type Operators } from './for-operators.ts';
import type { FastifyInstance } from 'fastify';
import { isJudged } from '../interactions/conditions/judged.ts';
import { NAMES } from '../interactions/conditions/preconditions.ts';
import { takenInUrl } from '../operations/input.ts';
import type { Registry } from '../search/registry.ts';
import { conditionedAs } from './routes/changes.ts';
import type { Route } from './routes/route.ts';

/** As much of http://spec.openapis.org/oas/v3.0.3 as is written here. */
interface OpenApi {
  readonly openapi: '3.0.3';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly components: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: true;
  readonly description?: string;
  readonly schema: object;
}

/** `/openapi.json`, for tools. It is made when it is asked for: it is rarely wanted and large. */
export function openApiRoute(
  app: FastifyInstance,
  operators: Operators,
  make: () => OpenApi,
): void {
  app.get('/openapi.json', { onRequest: forOperators(operators) }, (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(make())),
  );
}

/** Says what a row's placeholders stand for: http://hl7.org/fhir/R4/http.html#styleguide */
const PLACEHOLDERS: Readonly<
  Record<string, { readonly pattern?: string; readonly about: string }>
> = {
  type: { about: 'Resource type' },
  id: { pattern: '^[A-Za-z0-9.-]{1,64}$', about: 'Logical id' },
  vid: { pattern: '^[1-9][0-9]{0,8}$', about: 'Version' },
  inside: { about: 'Resource type inside of the compartment' },
};

/**
 * The API as OpenAPI, made of the same rows and the same registry as the CapabilityStatement.
 *
 * @rule OpenAPI
 */
export function openApi(
  routes: readonly Route[],
  of: { readonly base: string; readonly types: readonly string[]; readonly registry: Registry },
): OpenApi {
  const paths: Record<string, Record<string, object>> = {};
  const add = (path: string, method: string, operation: object): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const route of routes) {
    const searchesType =
      'interaction' in route.offers &&
      route.offers.interaction === 'search' &&
      route.path === '/:type';
    if (!searchesType) {
      add(template(route.path), route.method, operationOf(route, placeholders(route, of.types)));
      continue;
    }
    // Each type has parameters of its own.
    for (const type of of.types) {
      add(`/${type}`, route.method, {
        ...operationOf(route, searchParameters(of.registry, type)),
        operationId: `search-${type}`,
      });
    }
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'Chartseal',
      version: '4.0.1',
      description: 'FHIR R4. The details of each resource type are in `metadata`.',
    },
    servers: [{ url: of.base }],
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

function template(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

function placeholders(route: Route, types: readonly string[]): readonly Parameter[] {
  return [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const { pattern, about } = PLACEHOLDERS[name] ?? { about: name };
    const among = name === 'type' && 'operation' in route.offers ? route.offers.types : undefined;
    const schema =
      name === 'type' || name === 'inside'
        ? { type: 'string', enum: among ?? types }
        : { type: 'string', ...(pattern === undefined ? {} : { pattern }) };
    return { name, in: 'path', required: true, description: about, schema };
  });
}

function searchParameters(registry: Registry, type: string): readonly Parameter[] {
  const own = [...registry.parameters(type).values()].map(({ code, type: kind }): Parameter => ({
    name: code,
    in: 'query',
    description: `Search parameter of kind ${kind}`,
    schema: { type: 'string' },
  }));
  return [...own, ...CONTAINED];
}

const CONTAINED: readonly Parameter[] = [
  {
    name: '_contained',
    in: 'query',
    description: 'Whether contained resources are searched',
    schema: { type: 'string', enum: ['true', 'false', 'both'] },
  },
  {
    name: '_containedType',
    in: 'query',
    description: 'What is shown of contained resources that match',
    schema: { type: 'string', enum: ['container', 'contained'] },
  },
];

function operationOf(route: Route, parameters: readonly Parameter[]): object {
  const { offers, method } = route;
  const name = 'interaction' in offers ? offers.interaction : offers.operation;
  return {
    operationId: `${name}-${method.toLowerCase()}-${template(route.path).replaceAll(/[^\w$]+/g, '-')}`,
    summary: 'interaction' in offers ? `FHIR ${name} (${offers.level})` : `FHIR operation ${name}`,
    parameters: [...parameters, ...ofOperation(route), ...headersOf(route)],
    ...bodyOf(route),
    responses: {
      '200': {
        description: 'Done',
        content: { ...FORMATS, ...(route.anyRepresentation === true && { '*/*': {} }) },
      },
      default: {
        description: 'An OperationOutcome says what else happened',
        content: FORMATS,
      },
    },
  };
}

function ofOperation({ offers }: Route): readonly Parameter[] {
  if (!('operation' in offers)) return [];
  return takenInUrl(offers.takes ?? {}).map((name) => ({
    name,
    in: 'query',
    description: `Parameter of ${offers.operation}`,
    schema: { type: 'string' },
  }));
}

const FHIR_JSON = 'application/fhir+json';

const RESOURCE = {
  type: 'object',
  required: ['resourceType'],
  properties: { resourceType: { type: 'string' } },
};

const FORMATS = {
  [FHIR_JSON]: { schema: RESOURCE },
  'application/fhir+xml': { schema: { type: 'string' } },
};

/** Lists the conditions of writes. */
const CONDITIONS = [
  ['ifNoneExist', 'Criteria of a conditional create'],
  ['ifMatch', 'Version that is to be changed, such as W/"3"'],
  ['ifNoneMatch', 'Versions that are not to be changed; * for whatever there is'],
  ['ifUnmodifiedSince', 'Changed later than this it is not to be changed'],
] as const;

function headersOf(route: Route): readonly Parameter[] {
  const { offers, method } = route;
  if (method === 'GET' || ('interaction' in offers && offers.interaction === 'search')) return [];
  return CONDITIONS.filter(([condition]) => isJudged(conditionedAs(route), condition)).map(
    ([condition, description]) => ({
      name: NAMES[condition].headers,
      in: 'header',
      description,
      schema: { type: 'string' },
    }),
  );
}

function bodyOf({ offers, method, form }: Route): object {
  if (method === 'GET' || method === 'DELETE') return {};
  if (form === true) {
    const schema = { type: 'object', additionalProperties: { type: 'string' } };
    return { requestBody: { content: { 'application/x-www-form-urlencoded': { schema } } } };
  }
  const patch = 'interaction' in offers && offers.interaction === 'patch';
  const content = {
    [FHIR_JSON]: { schema: RESOURCE },
    ...(patch && { 'application/json-patch+json': { schema: JSON_PATCH } }),
  };
  return { requestBody: { required: true, content } };
}

const JSON_PATCH = {
  type: 'array',
  items: {
    type: 'object',
    required: ['op', 'path'],
    properties: {
      op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
      path: { type: 'string' },
      from: { type: 'string' },
      value: {},
    },
  },
};
