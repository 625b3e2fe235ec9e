import type { FastifyReply } from 'fastify';
import { formatEtag } from '../fhir/etag.ts';
import { versionPath, type Reply } from '../interactions/reply.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';
export const FHIR_XML = 'application/fhir+xml; charset=utf-8';

/** Preferences of the client on what a write returns: http://hl7.org/fhir/R4/http.html#ops */
export type Return = 'representation' | 'minimal' | 'OperationOutcome';

/** Puts an interaction's reply on the wire. */
export function send(
  reply: FastifyReply,
  result: Reply,
  by: { readonly base: string; readonly prefer?: Return },
): FastifyReply {
  void reply
    .code(result.status)
    .header('content-type', FHIR_JSON)
    .header('cache-control', 'no-store');
  const { version } = result;
  if (version !== undefined) {
    void reply
      .header('etag', formatEtag(version.version))
      .header('last-modified', new Date(version.lastUpdated).toUTCString())
      // What the body is; clients take the new version's id from it after an update.
      .header('content-location', `${by.base}/${versionPath(version)}`);
  }
  if (result.location !== undefined) void reply.header('location', `${by.base}/${result.location}`);
  if (result.body === undefined || by.prefer === 'minimal') {
    void reply.removeHeader('content-type');
    return reply.send();
  }
  if (by.prefer === 'OperationOutcome') {
    return reply.send(
      JSON.stringify({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'information', code: 'informational', diagnostics: 'Stored' }],
      }),
    );
  }
  return reply.send(typeof result.body === 'string' ? result.body : Buffer.from(result.body));
}

export function preferReturn(header: string): Return {
  const asked = /(?:^|[,;\s])return=(representation|minimal|OperationOutcome)/.exec(header)?.[1];
  return (asked as Return | undefined) ?? 'representation';
}
