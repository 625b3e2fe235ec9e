import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { TokenVerifier } from '../auth/token.ts';
import { FhirError } from '../fhir/errors.ts';
import type { R4 } from '../r4/r4.ts';
import type { Background } from '../interactions/background/background.ts';
import type { Reply } from '../access/reply.ts';
import { authenticate, callerOf } from './authenticate.ts';
import { passBodies } from './incoming-body.ts';
import { acceptRawBodies, readBody } from './read-body.ts';
import { logWrite } from './log-writes.ts';
import { FHIR_JSON, FHIR_XML, send } from './reply.ts';
import { represent, varyByAccept, type Changing } from './represent.ts';
import { representationOf } from './representation.ts';
import {
  assertAcceptable,
  assertNoParameters,
  prefer,
  preferOf,
  queryPairs,
  xProvenance,
} from './request.ts';
import { changesData, isWrite, mayChangeData } from './routes/changes.ts';
import { routerPath } from './path.ts';
import { assertMayChangeType } from './append-only-rows.ts';
import { assertConditionsFit } from './conditions-fit.ts';
import type { Route } from './routes/route.ts';

export interface FhirRouteParts {
  readonly base: string;
  readonly r4: R4;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly routes: readonly Route[];
  readonly verifier: TokenVerifier;
  readonly background: Background;
  /** CapabilityStatement of now as JSON text: the same string until something changes. */
  readonly capability: () => Promise<string>;
  /** TerminologyCapabilities as JSON text, made when somebody asks. */
  readonly terminology: () => string;
  /** SMART configuration as JSON text. */
  readonly smart: string;
}

/** Lists what anybody may ask for; below the base. */
export const OPEN_ROWS = [
  { method: 'GET', path: '/metadata' },
  { method: 'GET', path: '/.well-known/smart-configuration' },
] as const;

/** The FHIR REST API under `/fhir`: http://hl7.org/fhir/R4/http.html */
export function fhirRoutes(app: FastifyInstance, parts: FhirRouteParts): void {
  acceptRawBodies(app);
  for (const row of parts.routes) {
    if (row.rawBody !== true) addRow(app, parts, row);
  }
  app.register((scope, _options, done) => {
    passBodies(scope);
    for (const row of parts.routes) {
      if (row.rawBody === true) addRow(scope, parts, row);
    }
    done();
  });
  // Anyone may ask, and it is large.
  const inXml = new Map<boolean, { readonly of: string; readonly xml: Promise<string> }>();
  app.get(OPEN_ROWS[0].path, async (request, reply) => {
    assertAcceptable(request);
    const capability = await parts.capability();
    const text = metadataOf({ ...parts, capability }, request);
    const as = representationOf(request);
    if (as?.format !== 'xml' || text !== capability) {
      return reply.header('content-type', FHIR_JSON).send(text);
    }
    const known = inXml.get(as.pretty);
    const written = known?.of === text ? known : { of: text, xml: represent(parts, text, as) };
    inXml.set(as.pretty, written);
    varyByAccept(reply);
    return reply.header('content-type', FHIR_XML).send(await written.xml);
  });
  app.get(OPEN_ROWS[1].path, (_request, reply) =>
    reply.header('content-type', 'application/json').send(parts.smart),
  );
}

function addRow(
  app: FastifyInstance,
  parts: FhirRouteParts,
  { method, path, bodyLimit, ...route }: Route,
): void {
  const config: Changing = { changes: (request) => changesData(route, request) };
  app.route({
    method,
    url: routerPath(path),
    config,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    // Before the body is taken: what strangers send is held by nobody.
    onRequest: async (request) => {
      await authenticate(parts.verifier, request);
    },
    ...(mayChangeData(route) && {
      onResponse: (request, reply, done) => {
        logWrite(parts, route, { request, reply });
        done();
      },
    }),
    handler: (request, reply) => answer(parts, route, { request, reply }),
  });
}

/** http://hl7.org/fhir/R4/http.html#capabilities */
function metadataOf(
  {
    capability,
    terminology,
  }: Pick<FhirRouteParts, 'terminology'> & { readonly capability: string },
  request: FastifyRequest,
): string {
  const mode = queryPairs(request).find(([name]) => name === 'mode')?.[1] ?? 'full';
  if (mode === 'terminology') return terminology();
  // All of this statement is about normative and other content alike.
  if (mode === 'full' || mode === 'normative') return capability;
  throw new FhirError('invalid', 'mode is full, normative or terminology', {
    expression: 'http.mode',
  });
}

async function answer(
  parts: FhirRouteParts,
  route: Omit<Route, 'method' | 'path'>,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const principal = callerOf(request);
  assertMayChangeType(route, request);
  if (route.anyRepresentation !== true) assertAcceptable(request);
  if (route.withoutParameters === true) assertNoParameters(request);
  if (route.rawBody !== true) await readBody(parts, request, route);
  assertNoStrayProvenance(route, request);
  assertConditionsFit(route, request);
  const result = await run(parts, route, { principal, request });
  const wish = isWrite(route) ? preferOf(request) : undefined;
  return send(reply, result, {
    base: parts.base,
    ...(wish === undefined ? {} : { prefer: wish }),
  });
}

/** A Provenance that would be left out without a word. */
function assertNoStrayProvenance(
  route: Pick<Route, 'offers' | 'changes'>,
  request: FastifyRequest,
): void {
  if (isWrite(route) || xProvenance(request) === undefined) return;
  if (request.method === 'GET' && !changesData(route, request)) return;
  throw new FhirError(
    'invalid',
    'X-Provenance goes with one create, update, patch or delete; in a Bundle a Provenance is an entry',
    { expression: 'http.X-Provenance' },
  );
}

/** At once, or in the background where the client prefers that and the row allows it. */
async function run(
  { background }: FhirRouteParts,
  { act, background: mayWait }: Pick<Route, 'act' | 'background'>,
  { principal, request }: { readonly principal: Principal; readonly request: FastifyRequest },
): Promise<Reply> {
  if (mayWait !== true || !prefer(request).has('respond-async')) return act(principal, request);
  const ticket = await background.start(principal, (who) => act(who, request));
  return { status: 202, later: `$async/${ticket}` };
}
