import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TokenVerifier } from '../auth/token.ts';
import { authenticate } from './authenticate.ts';
import { FHIR_JSON, send } from './reply.ts';
import { assertAcceptable, preferOf } from './request.ts';
import type { Route } from './routes/route.ts';

export interface FhirRouteParts {
  readonly base: string;
  readonly routes: readonly Route[];
  readonly verifier: TokenVerifier;
  /** CapabilityStatement as JSON text. */
  readonly capability: string;
  /** SMART configuration as JSON text. */
  readonly smart: string;
}

/** The FHIR REST API under `/fhir`: http://hl7.org/fhir/R4/http.html */
export function fhirRoutes(app: FastifyInstance, parts: FhirRouteParts): void {
  const mount = (scope: FastifyInstance, routes: readonly Route[]): void => {
    for (const { method, path, bodyLimit, ...route } of routes) {
      scope.route({
        method,
        url: path,
        ...(bodyLimit === undefined ? {} : { bodyLimit }),
        handler: (request, reply) => answer(parts, route, { request, reply }),
      });
    }
  };
  acceptRawBodies(app);
  mount(
    app,
    parts.routes.filter(({ anyMediaType }) => anyMediaType !== true),
  );
  void app.register((scope, _options, done) => {
    acceptAnyBodies(scope);
    mount(
      scope,
      parts.routes.filter(({ anyMediaType }) => anyMediaType === true),
    );
    done();
  });

  app.get('/metadata', (request, reply) => {
    assertAcceptable(request);
    return reply.header('content-type', FHIR_JSON).send(parts.capability);
  });
  app.get('/.well-known/smart-configuration', (_request, reply) =>
    reply.header('content-type', 'application/json').send(parts.smart),
  );
}

async function answer(
  { base, verifier }: FhirRouteParts,
  { act, offers }: Pick<Route, 'act' | 'offers'>,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const principal = await authenticate(verifier, request);
  assertAcceptable(request);
  const result = await act(principal, request);
  const ofEntries = 'interaction' in offers && offers.interaction === 'batch-or-transaction';
  return send(reply, result, { base, ...(ofEntries ? {} : { prefer: preferOf(request) }) });
}

/** Bodies stay bytes: they are stored and hashed exactly as sent. */
function acceptRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/fhir+json', 'application/json', 'application/x-www-form-urlencoded'],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
}

/** Where a body has formats of its own, that no other interaction takes; which they are its reader tells. */
function acceptAnyBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
