import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { expiredOf } from './error-handler.ts';

export interface HealthParts {
  /** Rejects while the store, the ledger or the policy cannot be used; the message is shown. */
  readonly ready: () => Promise<void>;
  readonly metrics: Registry;
}

/** `/healthz` alive, `/readyz` able to serve, `/metrics` for Prometheus. */
export function healthRoutes(app: FastifyInstance, parts: HealthParts): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'alive' }));
  app.get('/readyz', async (request, reply) => {
    try {
      await parts.ready();
      return await reply.send({ status: 'ready' });
    } catch (error) {
      request.log.warn({ err: error, ...expiredOf(request, 503) }, 'not ready');
      return reply.code(503).send({ status: 'not ready' });
    }
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', parts.metrics.contentType).send(await parts.metrics.metrics()),
  );
}
