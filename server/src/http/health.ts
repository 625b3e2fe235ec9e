import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { expiredOf } from './error-handler.ts';
import { forOperators, type Operators } from './for-operators.ts';

/** Says why a read would not be answered now, to everybody: so the message tells nothing of what is kept here. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

export interface HealthParts {
  /** Resolves while a read would be answered, rejects with NotReady otherwise. */
  readonly ready: () => Promise<void>;
  readonly metrics: Registry;
  readonly operators: Operators;
}

/** `/healthz` alive, `/readyz` able to answer a read, `/metrics` for Prometheus. */
export function healthRoutes(app: FastifyInstance, parts: HealthParts): void {
  app.get('/healthz', (_request, reply) => reply.send({ status: 'alive' }));
  app.get('/readyz', async (request, reply) => {
    try {
      await parts.ready();
      return await reply.send({ status: 'ready' });
    } catch (error) {
      request.log.warn({ err: error, ...expiredOf(request, 503) }, 'not ready');
      const reason = error instanceof NotReady ? error.message : 'an unexpected failure';
      return reply.code(503).send({ status: 'not ready', reason });
    }
  });
  app.get('/metrics', { onRequest: forOperators(parts.operators) }, async (_request, reply) =>
    reply.header('content-type', parts.metrics.contentType).send(await parts.metrics.metrics()),
  );
}
