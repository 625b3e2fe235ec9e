import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { TokenVerifier } from '../auth/token.ts';
import { bundle } from '../interactions/bundle/bundle.ts';
import {
  createUnlessExists,
  patchMatch,
  removeMatch,
  updateMatch,
} from '../interactions/conditional.ts';
import { create } from '../interactions/create.ts';
import { remove } from '../interactions/delete.ts';
import { history, historyParameters } from '../interactions/history.ts';
import { patch } from '../interactions/patch.ts';
import { read, vread } from '../interactions/read.ts';
import type { Reply } from '../interactions/reply.ts';
import { search } from '../interactions/search.ts';
import type { Services } from '../interactions/services.ts';
import { update } from '../interactions/update.ts';
import { accessLog } from '../operations/access-log.ts';
import { evidence } from '../operations/evidence.ts';
import type { EvidenceMaker } from '../provenance/evidence.ts';
import type { Subjects } from '../provenance/subjects.ts';
import { authenticate } from './authenticate.ts';
import { FHIR_JSON, preferReturn, send, type Return } from './reply.ts';
import {
  assertAcceptable,
  formPairs,
  handling,
  ifMatch,
  ifNoneExist,
  prefer,
  queryPairs,
  rawQuery,
  readCondition,
  resourceOf,
  shapeOf,
  typeOf,
  versionOf,
} from './request.ts';

export interface FhirRouteParts {
  readonly services: Services & { readonly evidence: EvidenceMaker; readonly subjects: Subjects };
  readonly verifier: TokenVerifier;
  /** Bytes of a batch or transaction. */
  readonly maxBundle: number;
  /** CapabilityStatement as JSON text. */
  readonly capability: string;
  /** SMART configuration as JSON text. */
  readonly smart: string;
}

/** The FHIR REST API under `/fhir`: http://hl7.org/fhir/R4/http.html */
export function fhirRoutes(app: FastifyInstance, parts: FhirRouteParts): void {
  const { services, verifier } = parts;
  const { r4 } = services;

  type Act = (principal: Principal, request: FastifyRequest) => Promise<Reply>;
  const on = (act: Act) => async (request: FastifyRequest, reply: FastifyReply) => {
    const principal = await authenticate(verifier, request);
    assertAcceptable(request);
    return send(reply, await act(principal, request), {
      base: services.base,
      prefer: preferOf(request),
    });
  };

  acceptRawBodies(app);

  app.get('/metadata', (request, reply) => {
    assertAcceptable(request);
    return reply.header('content-type', FHIR_JSON).send(parts.capability);
  });
  app.get('/.well-known/smart-configuration', (_request, reply) =>
    reply.header('content-type', 'application/json').send(parts.smart),
  );

  app.post('/', { bodyLimit: parts.maxBundle }, async (request, reply) => {
    const principal = await authenticate(verifier, request);
    assertAcceptable(request);
    const wish = { representation: /\breturn=representation\b/.test(prefer(request)) };
    const result = await bundle(services, principal, { body: bodyOf(request), wish });
    return send(reply, result, { base: services.base });
  });

  const type = (request: FastifyRequest) => typeOf(r4, request);
  const at = (request: FastifyRequest) => resourceOf(r4, request);

  app.get(
    '/Patient/:id/$access-log',
    on((who, request) => accessLog(services, who, resourceAs('Patient', request))),
  );
  app.get(
    '/:type/:id/_history/:vid/$evidence',
    on((who, request) => evidence(services, who, versionOf(r4, request))),
  );
  app.get(
    '/:type/:id/_history/:vid',
    on((who, request) =>
      vread(services, who, {
        ...versionOf(r4, request),
        ...readCondition(request),
        ...shapeOf(r4, request),
      }),
    ),
  );
  app.get(
    '/:type/:id/_history',
    on((who, request) =>
      history(services, who, { ...at(request), ...historyParameters(queryPairs(request)) }),
    ),
  );
  app.get(
    '/:type/:id',
    on((who, request) =>
      read(services, who, {
        ...at(request),
        ...readCondition(request),
        ...shapeOf(r4, request),
      }),
    ),
  );
  app.get(
    '/:type',
    on((who, request) =>
      search(services, who, {
        type: type(request),
        parameters: queryPairs(request),
        handling: handling(request),
      }),
    ),
  );
  app.post(
    '/:type/_search',
    on((who, request) =>
      search(services, who, {
        type: type(request),
        parameters: formPairs(request),
        handling: handling(request),
      }),
    ),
  );
  app.post(
    '/:type',
    on((who, request) => {
      const asked = { type: type(request), body: bodyOf(request) };
      const criteria = ifNoneExist(request);
      return criteria === undefined
        ? create(services, who, asked)
        : createUnlessExists(services, who, { ...asked, criteria });
    }),
  );
  app.put(
    '/:type',
    on((who, request) =>
      updateMatch(services, who, {
        type: type(request),
        criteria: rawQuery(request),
        body: bodyOf(request),
        ifMatch: ifMatch(request),
      }),
    ),
  );
  app.delete(
    '/:type',
    on((who, request) =>
      removeMatch(services, who, {
        type: type(request),
        criteria: rawQuery(request),
        ifMatch: ifMatch(request),
      }),
    ),
  );
  app.put(
    '/:type/:id',
    on((who, request) =>
      update(services, who, { ...at(request), body: bodyOf(request), ifMatch: ifMatch(request) }),
    ),
  );
  const patchOf = (request: FastifyRequest) => ({
    body: bodyOf(request),
    mediaType: request.headers['content-type'] ?? '',
    ifMatch: ifMatch(request),
    returning: preferOf(request) === 'representation',
  });
  acceptPatches(app, (scope) => {
    scope.patch(
      '/:type/:id',
      on((who, request) => patch(services, who, { ...at(request), ...patchOf(request) })),
    );
    scope.patch(
      '/:type',
      on((who, request) =>
        patchMatch(services, who, {
          type: type(request),
          criteria: rawQuery(request),
          ...patchOf(request),
        }),
      ),
    );
  });
  app.delete(
    '/:type/:id',
    on((who, request) => remove(services, who, { ...at(request), ifMatch: ifMatch(request) })),
  );

  function resourceAs(fixed: string, request: FastifyRequest): { readonly id: string } {
    (request.params as { type: string }).type = fixed;
    return at(request);
  }
}

function preferOf(request: FastifyRequest): Return {
  return preferReturn(prefer(request));
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
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

/** A patch has formats of its own, that no other interaction takes; which they are its reader tells. */
function acceptPatches(app: FastifyInstance, route: (scope: FastifyInstance) => void): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    );
    route(scope);
    done();
  });
}
