import type { RestRequest } from './rest-request.ts';
import { binaryContent, isBinaryResource, passingBinary } from '../fhir/binary.ts';
import { FhirError } from '../fhir/errors.ts';
import { withoutByteOrderMark } from '../fhir/byte-order-mark.ts';
import { isFhirOnly, namedFormat, parseMediaType } from '../fhir/media-type.ts';
import { inPieces, type Reply } from '../access/reply.ts';
import { asDigested } from './content-digest.ts';
import { contentOf } from './incoming-body.ts';
import { jsonOfXml, type XmlParts } from './read-body.ts';
import { acceptedTypes, formatAsked, representationOf } from './representation.ts';

/**
 * Returns what a client sent to become a Binary, as the resource: content of any media type is wrapped, and what
 * already is a Binary in one of FHIR's formats stays as it is (R4 binary.html#rest). What can be no resource passes in
 * pieces.
 *
 * @throws FhirError `media-type` without a media type, `structure` for a FHIR format that is not well-formed, as the
 * body does that comes in, and as `asDigested` does
 * @rule Binary
 */
export async function receivedBinary(
  by: XmlParts,
  request: RestRequest,
  id?: string,
): Promise<Uint8Array> {
  const contentType = request.headers['content-type'] ?? '';
  const { name } = parseMediaType(contentType);
  if (name === '' || name.includes('*')) {
    throw new FhirError('media-type', 'Content needs a Content-Type', {
      expression: 'http.Content-Type',
    });
  }
  let content = asDigested(request, contentOf(request.body));
  if (namedFormat(name) !== undefined) {
    const bytes = Buffer.concat(await Array.fromAsync(content));
    const resource = await resourceIn(by, name, bytes);
    if (resource !== undefined) return resource;
    content = contentOf(bytes);
  }
  const context = request.headers['x-security-context'];
  return passingBinary({
    ...(id === undefined ? {} : { id }),
    contentType,
    securityContext: Array.isArray(context) ? context[0] : context,
    content,
  });
}

/** The bytes as a Binary resource in JSON, if that is what they are. */
async function resourceIn(
  by: XmlParts,
  name: string,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  const format = namedFormat(name);
  if (format === 'json') {
    return looksLikeBinary(bytes) || isBroken(name, bytes) ? bytes : undefined;
  }
  if (format !== 'xml' || !/^[^]{0,2000}<(?:\w+:)?Binary[\s/>]/.test(start(bytes))) {
    return undefined;
  }
  return Buffer.from(await jsonOfXml(by, bytes), 'utf8');
}

function start(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 4000)).toString('utf8');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(withoutByteOrderMark(bytes)).toString('utf8');
}

function looksLikeBinary(bytes: Uint8Array): boolean {
  try {
    return isBinaryResource(textOf(bytes));
  } catch {
    return false;
  }
}

/** Is true of what says to be FHIR and is not even JSON: it was meant to be a resource, and those who read it refuse it. */
function isBroken(name: string, bytes: Uint8Array): boolean {
  if (!isFhirOnly(name)) return false;
  try {
    JSON.parse(textOf(bytes));
    return false;
  } catch {
    return true;
  }
}

/**
 * The reply of a read as its content, unless the client asks for the resource: by `_format`, or by a media type of
 * FHIR's own that it likes better than what the content is (R4 binary.html#rest).
 *
 * @throws FhirError `not-acceptable` when it takes neither
 */
export function asContent(request: RestRequest, reply: Reply): Reply {
  if (reply.status !== 200 || !(reply.body instanceof Uint8Array)) return reply;
  const { contentType, decode } = binaryContent(reply.body);
  if (wantsResource(request, parseMediaType(contentType).name)) return reply;
  const content = decode();
  // A small content is compressed, or not, as a whole.
  const body = content instanceof Uint8Array ? content : inPieces(content, content.bytes);
  return { ...reply, body, contentType };
}

function wantsResource(request: RestRequest, content: string): boolean {
  if (formatAsked(request) !== undefined) return representationOf(request) !== undefined;
  const { accept = '' } = request.headers;
  const [family = ''] = content.split('/');
  for (const { name } of acceptedTypes(accept.trim() === '' ? '*/*' : accept)) {
    if (name === content || name === '*/*' || name === `${family}/*`) {
      return isFhirOnly(content) && name === content;
    }
    if (namedFormat(name) !== undefined) return true;
  }
  throw new FhirError('not-acceptable', `The content is ${content}`, { expression: 'http.Accept' });
}
