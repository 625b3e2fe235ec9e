import type { RestRequest } from './rest-request.ts';
import { namedFormat, parseMediaType, type Format, type MediaType } from '../fhir/media-type.ts';

/** Says how a client wants FHIR resources written. */
export interface Representation {
  readonly format: Format;
  readonly pretty: boolean;
}

const WIDER: ReadonlyMap<string, Format> = new Map([
  // A browser shows what it gets.
  ['text/html', 'json'],
  ['application/*', 'json'],
  ['text/*', 'json'],
  ['*/*', 'json'],
]);
const SHORT: ReadonlyMap<string, Format> = new Map([
  ['json', 'json'],
  ['html', 'json'],
  ['xml', 'xml'],
]);

/** The format of a body of this media type; undefined when it is none of FHIR R4's. */
export function formatOf({ name, parameters }: MediaType): Format | undefined {
  const version = parameters.get('fhirversion') ?? '4.0';
  return version === '4.0' ? (namedFormat(name) ?? WIDER.get(name)) : undefined;
}

/**
 * Returns what the client asks for: `_format` in the URL or in a form, otherwise `Accept` (R4 http.html#mime-type).
 * Undefined when it takes none of what we write.
 *
 * @rule _format, _pretty, Accept
 */
export function representationOf(request: RestRequest): Representation | undefined {
  const wish = formatAsked(request);
  const format =
    wish === undefined
      ? acceptedFormat(request.headers.accept)
      : (SHORT.get(wish.toLowerCase()) ?? formatOf(parseMediaType(wish)));
  return format && { format, pretty: parameterOf(request, '_pretty') === 'true' };
}

/** Returns what `_format` says, which counts more than `Accept`. */
export function formatAsked(request: RestRequest): string | undefined {
  // An unescaped plus arrives as a space.
  return parameterOf(request, '_format')?.replaceAll(' ', '+');
}

function parameterOf(request: RestRequest, name: string): string | undefined {
  const found = [queryOf(request), formOf(request)].map((each) => each.get(name));
  return found.find((value) => value !== null && value !== '') ?? undefined;
}

/** The media types that `Accept` names, best first; those of quality 0 left out. */
export function acceptedTypes(header: string): readonly MediaType[] {
  return header
    .split(',')
    .map((range) => parseMediaType(range))
    .map((type) => ({ type, quality: Number(type.parameters.get('q') ?? 1) }))
    .filter(({ type, quality }) => type.name !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality || wildcards(a.type) - wildcards(b.type))
    .map(({ type }) => type);
}

function acceptedFormat(header: string | undefined): Format | undefined {
  if (header === undefined || header.trim() === '') return 'json';
  for (const type of acceptedTypes(header)) {
    const format = formatOf(type);
    if (format !== undefined) return format;
  }
  return undefined;
}

function wildcards({ name }: MediaType): number {
  return name.split('*').length;
}

function queryOf({ url }: RestRequest): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at));
}

function formOf({ headers, body }: RestRequest): URLSearchParams {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return new URLSearchParams(
    isForm && body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '',
  );
}
