import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TokenVerifier } from '../auth/token.ts';
import type { R4 } from '../fhir/r4.ts';
import { authenticate } from './authenticate.ts';
import { acceptRawBodies, readBody } from './read-body.ts';
import { FHIR_JSON, send } from './reply.ts';
import { assertAcceptable, preferOf } from './request.ts';
import type { Route } from './routes/route.ts';

export interface FhirRouteParts {
  readonly base: string;
  readonly r4: R4;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly routes: readonly Route[];
  readonly verifier: TokenVerifier;
  /** CapabilityStatement as JSON text. */
  readonly capability: string;
  /** SMART configuration as JSON text. */
  readonly smart: string;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete']);

/** The FHIR REST API under `/fhir`: http://hl7.org/fhir/R4/http.html */
export function fhirRoutes(app: FastifyInstance, parts: FhirRouteParts): void {
  acceptRawBodies(app);
  for (const { method, path, bodyLimit, ...route } of parts.routes) {
    app.route({
      method,
      url: path,
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      handler: (request, reply) => answer(parts, route, { request, reply }),
    });
  }
  app.get('/metadata', (request, reply) => {
    assertAcceptable(request);
    return reply.header('content-type', FHIR_JSON).send(parts.capability);
  });
  app.get('/.well-known/smart-configuration', (_request, reply) =>
    reply.header('content-type', 'application/json').send(parts.smart),
  );
}

async function answer(
  parts: FhirRouteParts,
  route: Omit<Route, 'method' | 'path'>,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const principal = await authenticate(parts.verifier, request);
  if (route.anyRepresentation !== true) assertAcceptable(request);
  if (route.rawBody !== true) await readBody(parts, request, route);
  const result = await route.act(principal, request);
  const wish = isWrite(route) ? preferOf(request) : undefined;
  return send(reply, result, {
    base: parts.base,
    ...(wish === undefined ? {} : { prefer: wish }),
  });
}

/** Of one resource: `Prefer: return` of a Bundle is about its entries. */
function isWrite({ offers }: Pick<Route, 'offers'>): boolean {
  return 'interaction' in offers && WRITES.has(offers.interaction);
}
