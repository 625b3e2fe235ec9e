import Fastify, { LogController, type FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { sendError } from '../http/error-handler.ts';
import { requestId } from '../http/standing-headers.ts';
import type { Ambient } from './ambient.ts';

/** What will listen; it has no routes yet. */
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
    genReqId: ({ headers }) => requestId(headers['x-request-id']) ?? newId(),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    // Links to further pages of a posted search carry what its form did.
    http: { maxHeaderSize: 65_536 },
    forceCloseConnections: true,
  });
}
