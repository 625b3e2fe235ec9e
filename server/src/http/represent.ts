import { decodeUtf8 } from '@chartseal/evidence';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { FhirError } from '../fhir/errors.ts';
import type { R4 } from '../fhir/r4.ts';
import { breather } from '../interactions/breather.ts';
import { prettyJson } from './pretty-json.ts';
import { FHIR_JSON, FHIR_XML } from './reply.ts';
import { representationOf, type Representation } from './representation.ts';

interface Parts {
  readonly r4: Pick<R4, 'toXml'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/**
 * Resources are JSON up to here: the one place where a reply becomes what its client wants to read, outcomes of errors
 * included. Where that cannot be done it stays JSON, as its content type says.
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
      // A few characters that JSON can hold have no place in XML. What was done cannot be undone by its reply.
      if (error instanceof FhirError) return payload;
      throw error;
    }
  });
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
