import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FhirError } from '../fhir/errors.ts';
import { outcomeOf } from '../fhir/outcome.ts';
import { printable } from '../fhir/printable.ts';
import { asFhirError } from '../interactions/failure.ts';
import { drain } from './drain.ts';
import { FHIR_JSON } from './reply.ts';

/** Tells of certificates that have expired, for the log alone. */
export type ExpiredCertificates = () => readonly string[];
const EXPIRED = 'expiredCertificates';

/** Any failure becomes an OperationOutcome from the closed vocabulary; nothing internal is shown. */
export function handleErrors(app: FastifyInstance, expired: ExpiredCertificates): void {
  app.decorate(EXPIRED, expired);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request, reply) =>
    sendError(
      new FhirError('not-found', `There is nothing at ${printable(request.url)}`),
      request,
      reply,
    ),
  );
}

export async function sendError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { status, outcome } = outcomeOf(toFhirError(error));
  if (status === 413) await drain(request.raw);
  if (status >= 500)
    request.log.error({ err: error, ...expiredOf(request, status) }, 'request failed');
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (status === 503) void reply.header('retry-after', '5');
  return reply
    .code(status)
    .header('content-type', FHIR_JSON)
    .header('cache-control', 'no-store')
    .send(JSON.stringify(outcome));
}

/** Returns what an operator can mend, and nobody else is told. */
export function expiredOf(
  { server }: FastifyRequest,
  status: number,
): { readonly expired?: unknown } {
  if (status !== 503) return {};
  const expired = server.getDecorator<ExpiredCertificates>(EXPIRED)();
  return expired.length > 0 ? { expired } : {};
}

function toFhirError(error: FastifyError | Error): unknown {
  switch ('code' in error ? error.code : undefined) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new FhirError('too-large', 'The body is larger than this server accepts');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new FhirError('media-type', 'Send application/fhir+json or +xml', {
        expression: 'http.Content-Type',
      });
    case 'FST_CP_ERR_INVALID_CONTENT':
      return new FhirError('structure', 'The body is not compressed as it says', {
        expression: 'http.Content-Encoding',
      });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
      return new FhirError('structure', 'The request is malformed');
    default:
      return isClients(error)
        ? new FhirError('structure', 'The request is malformed')
        : asFhirError(error);
  }
}

/** Whatever else the framework refuses before our code sees it. */
function isClients(error: FastifyError | Error): boolean {
  const { code = '', statusCode = 500 } = error as Partial<FastifyError>;
  return code.startsWith('FST_') && statusCode < 500;
}
