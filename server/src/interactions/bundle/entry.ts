import { FhirError } from '../../fhir/errors.ts';
import { instantOf } from '../../fhir/instant.ts';
import type { R4 } from '../../r4/r4.ts';
import { hasCompartments, type Compartment } from '../../search/compartment.ts';
import type { ReadCondition } from '../conditions/if-none-match.ts';
import type { FindOperation, OperationCall } from './operation-call.ts';
import { refuseUnjudged } from '../conditions/judged.ts';
import {
  readPreconditions,
  UNCONDITIONAL,
  type Preconditions,
} from '../conditions/preconditions.ts';
import type { RawEntry } from './read-bundle.ts';

/** Holds what `Bundle.entry.request` asks for. */
export interface Entry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly target: Target;
  /** Exact text; there when the method takes one. */
  readonly resource: string;
  /** Holds the conditions of a write. */
  readonly preconditions: Preconditions;
  readonly ifNoneExist: string | undefined;
  /** Holds the condition of a read. */
  readonly condition: ReadCondition;
  /** Given: the entry calls an operation, and `target` says what it is called on. */
  readonly operation?: OperationCall;
}

export interface Target {
  /** Empty for the history of the whole server, and for a search of several types. */
  readonly type: string;
  readonly id: string | undefined;
  /** `_history`, `Type/_history`, `Type/id/_history`, and `Type/id/_history/version`. */
  readonly history: boolean;
  readonly version: number | undefined;
  /** Query without the question mark; empty when there is none. */
  readonly query: string;
  /** Names the compartment that a search is within. */
  readonly within?: Compartment;
}

const METHODS: readonly Entry['method'][] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const PATH =
  /^([A-Za-z]{1,64})(?:\/([A-Za-z0-9\-.]{1,64})(?:\/(_history)(?:\/([1-9]\d{0,8}))?)?)?$/;
const INSIDE = /^([A-Za-z]{1,64})\/([A-Za-z0-9\-.]{1,64})\/([A-Za-z]{1,64}|\*)$/;
const CHANGES = /^(?:([A-Za-z]{1,64})\/)?_history$/;
const MEMBERS = new Set([
  'id',
  'extension',
  'method',
  'url',
  'ifNoneMatch',
  'ifModifiedSince',
  'ifMatch',
  'ifNoneExist',
]);

interface By {
  readonly r4: R4;
  readonly base: string;
  readonly operations: FindOperation;
}

/** Tells whether it only reads. */
export function isRead({ method, operation }: Entry): boolean {
  return operation === undefined ? method === 'GET' || method === 'HEAD' : !operation.changes();
}

/** The method whose answers its answer is shown like: what an operation tells is always shown. */
export function answeredLike({ method, operation }: Entry): Entry['method'] {
  return operation === undefined || method === 'HEAD' ? method : 'GET';
}

/** @throws FhirError when the entry asks for nothing this server does, or lacks what that takes */
export function parseEntry(raw: RawEntry, by: By): Entry {
  const request = members(raw);
  const method = METHODS.find((each) => each === request['method']);
  if (method === undefined) {
    throw bad('not-supported', `request.method must be one of ${METHODS.join(', ')}`);
  }
  const { path, query } = splitUrl(request['url'] ?? '', by.base);
  if (/(^|\/)\$/.test(path)) return operationEntry(raw, { method, path, query, request }, by);
  const target = parseTarget(path, query, by.r4);
  assertFits(method, target);
  const takesResource = method === 'POST' || method === 'PUT' || method === 'PATCH';
  if (takesResource && raw.resource === undefined)
    throw bad('structure', `a ${method} needs a resource`);
  if (!takesResource && raw.resource !== undefined)
    throw bad('structure', `a ${method} takes no resource`);
  return {
    index: raw.index,
    fullUrl: raw.fullUrl,
    method,
    target,
    resource: raw.resource ?? '',
    ...conditionsOf(method, request),
  };
}

/** Says what the interaction of each method judges as; of `GET`, searches and histories judge as reads do. */
const INTERACTIONS = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
} as const;

function conditionsOf(
  method: Entry['method'],
  request: Readonly<Record<string, string | undefined>>,
): Pick<Entry, 'preconditions' | 'ifNoneExist' | 'condition'> {
  const { ifMatch, ifModifiedSince, ifNoneExist, ifNoneMatch } = request;
  refuseUnjudged(INTERACTIONS[method], request, 'entry');
  const reads = method === 'GET' || method === 'HEAD';
  return {
    preconditions: reads ? UNCONDITIONAL : readPreconditions({ ifMatch, ifNoneMatch }, 'entry'),
    ifNoneExist,
    condition: {
      ifNoneMatch,
      ifModifiedSince: ifModifiedSince === undefined ? undefined : instantIn(ifModifiedSince),
    },
  };
}

function members({ request }: RawEntry): Readonly<Record<string, string | undefined>> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw bad('structure', 'request is needed');
  }
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(request as Record<string, unknown>)) {
    if (!MEMBERS.has(name))
      throw bad('structure', `request has no ${JSON.stringify(name.slice(0, 64))}`);
    if (name === 'extension' || name === 'id') continue;
    if (typeof value !== 'string') throw bad('structure', `request.${name} must be a string`);
    found[name] = value;
  }
  return found;
}

/** A query is there, if empty, when there is a question mark. */
function splitUrl(
  url: string,
  base: string,
): { readonly path: string; readonly query: string | undefined } {
  const own = url.startsWith(`${base}/`) || url.startsWith(`${base}?`);
  const relative = (own ? url.slice(base.length) : url).replace(/^\//, '');
  const mark = relative.indexOf('?');
  const path = mark < 0 ? relative : relative.slice(0, mark);
  // A slash at the end is no slash.
  return {
    path: path.replace(/\/$/, ''),
    query: mark < 0 ? undefined : relative.slice(mark + 1),
  };
}

function operationEntry(
  raw: RawEntry,
  asked: {
    readonly method: Entry['method'];
    readonly path: string;
    readonly query: string | undefined;
    readonly request: Readonly<Record<string, string | undefined>>;
  },
  { r4, operations }: By,
): Entry {
  const { method, path, query = '', request } = asked;
  const { resource } = raw;
  const { ifMatch, ifNoneMatch } = request;
  const preconditions = readPreconditions({ ifMatch, ifNoneMatch }, 'entry');
  const operation = operations({ method, path, query, resource, preconditions });
  refuseUnjudged(operation.conditioned, request, 'entry');
  if (resource !== undefined && method !== 'POST') {
    throw bad('structure', `a ${method} takes no resource`);
  }
  const [type = '', id] = path.split('/');
  return {
    index: raw.index,
    fullUrl: raw.fullUrl,
    method,
    target: {
      type: r4.isResourceType(type) ? type : '',
      id: id?.startsWith('$') === true ? undefined : id,
      history: false,
      version: undefined,
      query,
    },
    resource: resource ?? '',
    preconditions: UNCONDITIONAL,
    ifNoneExist: undefined,
    condition: {},
    operation,
  };
}

function parseTarget(path: string, given: string | undefined, r4: R4): Target {
  const query = given ?? '';
  const changes = CHANGES.exec(path);
  if (changes !== null) {
    const [, type = ''] = changes;
    if (type !== '') assertType(r4, type);
    return { type, id: undefined, history: true, version: undefined, query };
  }
  const several = { id: undefined, history: false, version: undefined, query };
  if (path === '' && given !== undefined) return { type: '', ...several };
  const inside = INSIDE.exec(path);
  if (inside !== null) return { ...several, ...insideOf(r4, inside) };
  const match = PATH.exec(path);
  if (match === null) {
    throw bad(
      'not-supported',
      'request.url must be Type, Type/id, Type/id/_history, Type/id/Type or ?criteria, below the base',
    );
  }
  const [, type = '', id, history, version] = match;
  assertType(r4, type);
  return {
    type,
    id,
    history: history !== undefined,
    version: version === undefined ? undefined : Number(version),
    query,
  };
}

function insideOf(
  r4: R4,
  [, type = '', id = '', inside = '']: readonly string[],
): Pick<Target, 'type'> & { readonly within: Compartment } {
  assertType(r4, type);
  if (inside !== '*') assertType(r4, inside);
  if (!hasCompartments(r4.registry, type)) {
    throw bad('not-supported', `FHIR R4 has no compartments of type ${type}`);
  }
  return { type: inside === '*' ? '' : inside, within: { type, id } };
}

function assertType(r4: R4, type: string): void {
  if (r4.isResourceType(type)) return;
  throw bad('unknown-type', `${JSON.stringify(type)} is not a resource type of FHIR R4`);
}

function assertFits(method: Entry['method'], { type, id, history, query, within }: Target): void {
  if (method === 'GET' || method === 'HEAD') return;
  const conditional = id === undefined && query !== '';
  const fits =
    !history &&
    type !== '' &&
    within === undefined &&
    (method === 'POST'
      ? id === undefined && query === ''
      : conditional || (id !== undefined && query === ''));
  if (!fits) {
    throw bad(
      'not-supported',
      method === 'POST'
        ? 'request.url of a POST must be a resource type'
        : `request.url of a ${method} must be Type/id or Type?criteria`,
    );
  }
}

function instantIn(text: string): number {
  const instant = instantOf(text);
  if (instant === undefined) throw bad('invalid', 'request.ifModifiedSince must be an instant');
  return instant;
}

function bad(
  code: 'structure' | 'invalid' | 'not-supported' | 'unknown-type',
  what: string,
): FhirError {
  return new FhirError(code, what, { expression: 'http.request' });
}
