import type { FastifyInstance } from 'fastify';

/** Headers of every answer: it is kept nowhere, taken for nothing else, runs nothing, and names its request. */
export function standingHeaders(
  app: FastifyInstance,
  { https }: { readonly https: boolean },
): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
      ...(https ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    });
    done();
  });
}

/** The client's own name for a request, if it can stand in logs and headers as it is (R4 http.html#custom). */
export function requestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:/+=-]{1,128}$/.test(header) ? header : undefined;
}
