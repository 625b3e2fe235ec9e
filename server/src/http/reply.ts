import type { FastifyReply } from 'fastify';
import { formatEtag } from '../fhir/etag.ts';
import { doneOutcome } from '../fhir/outcome.ts';
import { versionPath, type Reply } from '../access/reply.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';
export const FHIR_XML = 'application/fhir+xml; charset=utf-8';

/** Preferences of the client on what a write returns: http://hl7.org/fhir/R4/http.html#ops */
export type Return = 'representation' | 'minimal' | 'OperationOutcome';

const RETURNS: readonly Return[] = ['representation', 'minimal', 'OperationOutcome'];

/**
 * Puts an interaction's reply on the wire.
 *
 * @param by `prefer`: what the client of a write said it wants back
 */
export function send(
  reply: FastifyReply,
  result: Reply,
  by: { readonly base: string; readonly prefer?: Return },
): FastifyReply {
  const { version, contentType = FHIR_JSON } = result;
  void reply.code(result.status).header('content-type', contentType);
  if (version !== undefined) {
    void reply
      .header('etag', formatEtag(version.version))
      .header('last-modified', new Date(version.lastUpdated).toUTCString());
    // This header says what the body is; clients take the new version's id from it after an update.
    if (result.derived !== true) {
      void reply.header('content-location', `${by.base}/${versionPath(version)}`);
    }
  }
  if (result.later !== undefined) {
    void reply
      .header('content-location', `${by.base}/${result.later}`)
      .header('preference-applied', 'respond-async');
  }
  if (result.progress !== undefined) {
    void reply.header('x-progress', result.progress).header('retry-after', '1');
  }
  if (result.location !== undefined) void reply.header('location', `${by.base}/${result.location}`);
  if (by.prefer !== undefined) void reply.header('preference-applied', `return=${by.prefer}`);
  if (by.prefer === 'OperationOutcome') {
    // A deleted resource has no content to give, but there is something to tell.
    if (result.status === 204) void reply.code(200);
    return reply.send(JSON.stringify(doneOutcome(result.warnings)));
  }
  if (result.body === undefined || by.prefer === 'minimal') {
    void reply.removeHeader('content-type');
    return reply.send();
  }
  return reply.send(typeof result.body === 'string' ? result.body : Buffer.from(result.body));
}

/** The preference, when there is one that we know. */
export function preferReturn(preferred: ReadonlyMap<string, string>): Return | undefined {
  const name = preferred.get('return')?.toLowerCase();
  return RETURNS.find((each) => each.toLowerCase() === name);
}
