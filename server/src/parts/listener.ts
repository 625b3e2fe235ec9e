import Fastify, { LogController, type FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { sendError } from '../http/error-handler.ts';
import { requestId } from '../http/standing-headers.ts';
import type { Ambient } from './ambient.ts';

/** A request has so long to be sent whole (ms), as Node itself has it: whoever stops amid it holds what was sent. */
const MOST_SENDING = 300_000;

/** Makes what will listen; it has no routes yet. */
export function makeListener(
  { logLevel, maxBody }: Pick<Config, 'logLevel' | 'maxBody'>,
  { newId }: Ambient,
): FastifyInstance {
  return Fastify({
    logger: { level: logLevel, redact: ['req.headers.authorization'] },
    // Requests carry what must not be logged: ids, and search strings with clinical values.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    bodyLimit: maxBody,
    requestTimeout: MOST_SENDING,
    genReqId: ({ headers }) => requestId(headers['x-request-id']) ?? newId(),
    rewriteUrl: ({ url = '' }) => plainNames(url),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    // Links to further pages of a posted search carry what its form did.
    http: { maxHeaderSize: 65_536 },
    forceCloseConnections: true,
  });
}

/** The path with `$` and `_` as they are: a client may write either as an escape (RFC 3986 section 2.3 and 3.3). */
function plainNames(url: string): string {
  if (!url.includes('%')) return url;
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  return path.replaceAll('%24', '$$').replaceAll(/%5f/gi, '_') + url.slice(path.length);
}
