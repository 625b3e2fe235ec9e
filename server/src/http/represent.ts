import { decodeUtf8 } from '@chartseal/evidence';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FhirError, type Issue } from '../fhir/errors.ts';
import { outcomeFrom, outcomeOf } from '../fhir/outcome.ts';
import type { R4 } from '../r4/r4.ts';
import { writable } from '../fhir/xml/characters.ts';
import { breather } from '../interactions/breather.ts';
import { prettyJson } from '../fhir/json/pretty-json.ts';
import { FHIR_JSON, FHIR_XML } from './reply.ts';
import { representationOf, type Representation } from './representation.ts';

interface Parts {
  readonly r4: Pick<R4, 'toXml'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/**
 * Resources are JSON up to here: the one place where a reply becomes what its client wants to read, outcomes of errors
 * included.
 */
export function representReplies(app: FastifyInstance, parts: Parts): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (reply.getHeader('content-type') !== FHIR_JSON) return payload;
    varyByAccept(reply);
    const as = representationOf(request);
    if (as === undefined || (as.format === 'json' && !as.pretty)) return payload;
    const text = textOf(payload);
    if (text === undefined || text === '') return payload;
    try {
      const written = await represent(parts, text, as);
      if (as.format === 'xml') void reply.header('content-type', FHIR_XML);
      return written;
    } catch (error) {
      const instead = insteadOf(text, error, { request, reply });
      void reply.header('content-type', FHIR_XML);
      return represent(parts, instead, as);
    }
  });
}

/** Says of a route whether a request may have changed what is kept. */
export interface Changing {
  readonly changes?: (request: FastifyRequest) => boolean;
}

/**
 * Returns what is said where XML cannot hold the answer, which is so of a few characters and narratives that were
 * stored before they were refused. What was done cannot be undone by its reply: that tells of it with the status that
 * it has.
 */
function insteadOf(
  text: string,
  error: unknown,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): string {
  // Only our own words are in there, and what they repeat of the request.
  if (reply.statusCode >= 400) return readableOutcome(text);
  if (!(error instanceof FhirError)) throw error;
  const { changes } = request.routeOptions.config as Changing;
  if (changes?.(request) === true) return JSON.stringify(outcomeFrom([doneUnsaid(error)]));
  const { status, outcome } = outcomeOf(error);
  void reply.code(status);
  for (const name of ['etag', 'last-modified', 'content-location']) void reply.removeHeader(name);
  return JSON.stringify(outcome);
}

function readableOutcome(text: string): string {
  const clean = (_name: string, value: unknown): unknown =>
    typeof value === 'string' ? writable(value) : value;
  return JSON.stringify(JSON.parse(text, clean));
}

function doneUnsaid({ message, expression = [] }: FhirError): Issue {
  return {
    severity: 'warning',
    code: 'not-supported',
    diagnostics: `What was asked is done. ${message}`,
    expression,
  };
}

/** A resource in JSON as the client wants it written. @throws FhirError `not-acceptable` for what XML cannot hold */
export async function represent(
  { r4, clock }: Parts,
  text: string,
  as: Representation,
): Promise<string> {
  if (as.format === 'json') return prettyJson(text);
  const breathe = breather(clock);
  const writing = r4.toXml(text, { pretty: as.pretty });
  for (;;) {
    const { done, value } = writing.next();
    if (done === true) return value;
    await breathe();
  }
}

function textOf(payload: unknown): string | undefined {
  if (typeof payload === 'string') return payload;
  return payload instanceof Uint8Array ? decodeUtf8(payload) : undefined;
}

/** Says that another `Accept` would have another answer, besides what else it varies by. */
export function varyByAccept(reply: FastifyReply): void {
  const vary = reply.getHeader('vary');
  void reply.header('vary', vary === undefined ? 'Accept' : `${String(vary)}, Accept`);
}
