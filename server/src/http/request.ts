import type { RestRequest } from './rest-request.ts';
import { FhirError } from '../fhir/errors.ts';
import { GENERAL_PARAMETERS, unknownParameter } from '../fhir/general-parameters.ts';
import { parseHttpDate } from '../fhir/http-date.ts';
import { printable } from '../fhir/printable.ts';
import type { R4 } from '../r4/r4.ts';
import {
  readPreconditions,
  type Preconditions,
  type SentConditions,
} from '../interactions/conditions/preconditions.ts';
import type { ReadCondition } from '../interactions/conditions/if-none-match.ts';
import type { Pairs } from '../interactions/search/search.ts';
import type { Called } from '../operations/input.ts';
import type { Shape } from '../fhir/subset.ts';
import { preferences } from './prefer.ts';
import { preferReturn, type Return } from './reply.ts';
import { formatAsked, representationOf } from './representation.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const VERSION = /^[1-9]\d{0,8}$/;

export interface ResourcePath {
  readonly type: string;
  readonly id: string;
}

/** The type in the path. @throws FhirError `unknown-type` */
export function typeOf(r4: R4, request: RestRequest): string {
  const { type } = request.params as { readonly type: string };
  return assertType(r4, type);
}

/** @throws FhirError `unknown-type` */
export function assertType(r4: R4, type: string): string {
  assertNoName(type);
  if (!r4.isResourceType(type)) {
    throw new FhirError(
      'unknown-type',
      `${JSON.stringify(type.slice(0, 64))} is not a resource type of FHIR R4`,
    );
  }
  return type;
}

/** Type and logical id in the path. @throws FhirError */
export function resourceOf(r4: R4, request: RestRequest): ResourcePath {
  const type = typeOf(r4, request);
  const { id } = request.params as { readonly id: string };
  return { type, id: assertId(type, id) };
}

function assertId(type: string, id: string): string {
  if (ID.test(id)) return id;
  assertNoName(id);
  throw new FhirError('invalid', 'An id is 1 to 64 letters, digits, hyphens and dots', {
    expression: `${type}.id`,
  });
}

/** The path of an operation or interaction that no row of the API has ends here: no type and no id begins like that. */
function assertNoName(segment: string): void {
  if (/^[$_]/.test(segment)) {
    throw new FhirError('not-found', `There is nothing at ${printable(segment)}`);
  }
}

/** The id in a path that names the type itself. @throws FhirError */
export function resourceAs(type: string, request: RestRequest): { readonly id: string } {
  const { id } = request.params as { readonly id: string };
  return { id: assertId(type, id) };
}

/** Type, id and version in the path; a version id we never give out is simply not there. */
export function versionOf(
  r4: R4,
  request: RestRequest,
): ResourcePath & { readonly version: number } {
  const { type } = resourceOf(r4, request);
  return { type, ...versionAs(type, request) };
}

/** Id and version in a path that names the type itself. @throws FhirError */
export function versionAs(
  type: string,
  request: RestRequest,
): { readonly id: string; readonly version: number } {
  const { id } = resourceAs(type, request);
  const { vid } = request.params as { readonly vid: string };
  if (!VERSION.test(vid)) throw new FhirError('not-found', `${type}/${id} has no such version`);
  return { id, version: Number(vid) };
}

/** Returns what must hold for a write to be done. @throws FhirError `invalid` */
export function preconditions(request: RestRequest): Preconditions {
  return request.preconditions ?? readPreconditions(sentConditions(request), 'headers');
}

/** The conditions of a write: HTTP wants `If-Modified-Since` passed over on one. */
export function sentConditions(request: RestRequest): SentConditions {
  const { headers } = request;
  return {
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifUnmodifiedSince: headers['if-unmodified-since'],
    ifNoneExist: ifNoneExist(request),
  };
}

/** Returns what a conditional read asks; a date that is none is passed over, as RFC 9110 says. */
export function readCondition(request: RestRequest): { readonly condition: ReadCondition } {
  const { headers } = request;
  return {
    condition: {
      ifNoneMatch: headers['if-none-match'],
      ifModifiedSince: parseHttpDate(headers['if-modified-since'] ?? ''),
    },
  };
}

/** Returns which part of a resource a read asks for. */
export function shapeOf(r4: R4, request: RestRequest): { readonly shape: Shape | undefined } {
  return { shape: r4.parseReadShape(typeOf(r4, request), queryPairs(request), handling(request)) };
}

/** The criteria of a conditional create, if it is one. */
export function ifNoneExist(request: RestRequest): string | undefined {
  const header = request.headers['if-none-exist'];
  return Array.isArray(header) ? header.join('&') : header;
}

/** The URL's query as sent, for the criteria of a conditional update or delete. */
export function rawQuery(request: RestRequest): string {
  const at = request.url.indexOf('?');
  return at < 0 ? '' : request.url.slice(at + 1);
}

/** Query parameters in order, repetitions kept. */
export function queryPairs(request: RestRequest): Pairs {
  return decodePairs(rawQuery(request));
}

/** Parameters of a POST _search: the form's and the URL's; what both say alike counts once. */
export function formPairs(request: RestRequest): Pairs {
  const body = request.body instanceof Uint8Array ? Buffer.from(request.body).toString('utf8') : '';
  const inUrl = queryPairs(request);
  const said = new Set(inUrl.map((pair) => JSON.stringify(pair)));
  return [...inUrl, ...decodePairs(body).filter((pair) => !said.has(JSON.stringify(pair)))];
}

function decodePairs(text: string): Pairs {
  if (text === '') return [];
  try {
    // URLSearchParams would replace what is not UTF-8; such a value must be refused instead.
    decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    throw new FhirError('invalid', 'The query is not valid percent-encoded UTF-8');
  }
  return [...new URLSearchParams(text)];
}

/** Tells how an operation was called. */
export function called(request: RestRequest): Called {
  return {
    pairs: queryPairs(request),
    handling: handling(request),
    ...(request.method === 'POST' ? { body: bodyOf(request) } : {}),
  };
}

/** @throws FhirError for what the URL of an interaction that has no parameters says besides how to write its answer */
export function assertNoParameters(request: RestRequest): void {
  if (handling(request) === 'lenient') return;
  const [name] = queryPairs(request).find(([each]) => !GENERAL_PARAMETERS.has(each)) ?? [];
  if (name !== undefined) throw unknownParameter(name);
}

const NO_PREFERENCE: ReadonlyMap<string, string> = new Map();

/** The preferences of the client. */
export function prefer(request: RestRequest): ReadonlyMap<string, string> {
  const header = request.headers['prefer'];
  if (header === undefined) return NO_PREFERENCE;
  return preferences(Array.isArray(header) ? header.join(',') : header);
}

/** Returns what a write is to give back. */
export function preferOf(request: RestRequest): Return | undefined {
  return preferReturn(prefer(request));
}

/** The exact bytes of the body; none when there is none. */
export function bodyOf(request: RestRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
}

export function handling(request: RestRequest): 'strict' | 'lenient' {
  return /^lenient$/i.test(prefer(request).get('handling') ?? '') ? 'lenient' : 'strict';
}

/** @throws FhirError `not-acceptable` when the client takes none of the formats that are written here */
export function assertAcceptable(request: RestRequest): void {
  if (representationOf(request) !== undefined) return;
  throw new FhirError('not-acceptable', 'This server speaks application/fhir+json and +xml', {
    expression: formatAsked(request) === undefined ? 'http.Accept' : 'http._format',
  });
}

/** The `X-Provenance` header as sent; its bytes are characters of Latin-1. */
export function xProvenance(request: RestRequest): string | undefined {
  const header = request.headers['x-provenance'];
  return Array.isArray(header) ? header.join(', ') : header;
}
