import compress from '@fastify/compress';
import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { constants } from 'node:zlib';
import { FhirError } from '../fhir/errors.ts';

const MIN_BYTES = 1024;
/** A browser may keep what it was told of other origins, seconds. */
const PREFLIGHT_AGE = 600;

/** Lists what a script of another origin may send and read. */
const SENT = [
  ...['Accept', 'Authorization', 'Content-Type', 'Content-Encoding', 'Prefer'],
  'Content-Digest',
  ...['If-Match', 'If-Modified-Since', 'If-None-Exist', 'If-None-Match', 'If-Unmodified-Since'],
  ...['X-Provenance', 'X-Request-Id', 'X-Security-Context'],
];
const READ = [
  ...['Allow', 'Content-Location', 'ETag', 'Last-Modified', 'Location', 'Preference-Applied'],
  ...['Retry-After', 'WWW-Authenticate', 'X-Progress', 'X-Request-Id'],
];

/**
 * Settles how messages travel: compressed in both directions, and to scripts of other origins. A decompressed body is
 * bound like any other. Cookies and other ambient credentials are of no use here, so none are allowed.
 *
 * @param by `origins`: those whose scripts may use the API; `*` stands for all
 * @rule CORS, Content-Encoding
 */
export async function transfer(
  app: FastifyInstance,
  by: { readonly origins: readonly string[] },
): Promise<void> {
  await app.register(cors, {
    origin: by.origins.includes('*') ? '*' : [...by.origins],
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    allowedHeaders: SENT,
    exposedHeaders: READ,
    maxAge: PREFLIGHT_AGE,
    strictPreflight: false,
  });
  await app.register(compress, {
    encodings: ['br', 'gzip', 'deflate'],
    requestEncodings: ['br', 'gzip', 'deflate'],
    threshold: MIN_BYTES,
    // The default takes a hundred times as long for a tenth less.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    onUnsupportedRequestEncoding: () =>
      new FhirError('media-type', 'A body may be compressed as gzip, deflate or br', {
        expression: 'http.Content-Encoding',
      }),
  });
}
