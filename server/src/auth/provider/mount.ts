import type { FastifyInstance } from 'fastify';
import type { AuthorizationServer } from './provider.ts';

/** Hands everything below the provider's path to it, unread: its bodies are forms that no FHIR parser may touch. */
export function mountProvider(app: FastifyInstance, provider: AuthorizationServer): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    scope.all(`${provider.path}/*`, (request, reply) => {
      reply.hijack();
      provider.callback(request.raw, reply.raw);
    });
    done();
  });
}
