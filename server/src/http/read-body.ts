import { decodeUtf8, JsonError } from '@chartseal/evidence';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FhirError } from '../fhir/errors.ts';
import type { R4 } from '../r4/r4.ts';
import { breather } from '../interactions/breather.ts';
import { isFhirOnly, parseMediaType, type MediaType } from '../fhir/media-type.ts';
import { formatOf } from './representation.ts';

const FORM = 'application/x-www-form-urlencoded';

export interface XmlParts {
  readonly r4: Pick<R4, 'fromXml'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Bodies stay bytes: they are stored and hashed exactly as sent. What they may be is judged later, caller known. */
export function acceptRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/**
 * Leaves a body that is JSON, the form of a search or (where the route judges that itself) anything else as it is, and
 * makes JSON of a resource in XML; its content type then says so.
 *
 * @throws FhirError `media-type` for other bodies, `structure` for XML that is no resource
 */
export async function readBody(
  by: XmlParts,
  request: FastifyRequest,
  route: { readonly anyMediaType?: true; readonly form?: true },
): Promise<void> {
  const { body, headers } = request;
  if (!(body instanceof Uint8Array) || body.length === 0) return;
  const type = parseMediaType(headers['content-type'] ?? '');
  if (route.anyMediaType === true) {
    // Any other XML may be meant as it is.
    if (!isFhirOnly(type.name) || formatOf(type) !== 'xml') return;
  } else if (route.form === true) {
    // Anything else would be passed over, and all there is be found.
    if (type.name !== FORM) throw unsupported(FORM);
    assertUtf8(type);
    return;
  }
  assertUtf8(type);
  switch (type.name.includes('*') || type.name === 'text/html' ? undefined : formatOf(type)) {
    case 'json':
      return;
    case 'xml':
      request.body = Buffer.from(await jsonOfXml(by, body), 'utf8');
      headers['content-type'] = 'application/fhir+json';
      return;
    case undefined:
      throw unsupported();
  }
}

/** A resource in XML as JSON text, others working in between. @throws FhirError `structure` */
export async function jsonOfXml({ r4, clock }: XmlParts, body: Uint8Array): Promise<string> {
  const breathe = breather(clock);
  const reading = r4.fromXml(textOf(body));
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
    await breathe();
  }
}

function textOf(body: Uint8Array): string {
  try {
    return decodeUtf8(body);
  } catch (error) {
    if (error instanceof JsonError) throw new FhirError('structure', error.message);
    throw error;
  }
}

function assertUtf8({ parameters }: MediaType): void {
  if (/^utf-?8$/i.test(parameters.get('charset') ?? 'utf-8')) return;
  throw new FhirError('media-type', 'FHIR is written in UTF-8', {
    expression: 'http.Content-Type',
  });
}

function unsupported(wanted = 'application/fhir+json or application/fhir+xml'): FhirError {
  return new FhirError('media-type', `Send ${wanted}`, { expression: 'http.Content-Type' });
}
