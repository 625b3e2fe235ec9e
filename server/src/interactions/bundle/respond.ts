import { STATUS_CODES } from 'node:http';
import { binaryResource } from '../../fhir/binary.ts';
import { formatEtag } from '../../fhir/etag.ts';
import { formatInstant } from '../../fhir/instant.ts';
import { doneOutcome, outcomeOf } from '../../fhir/outcome.ts';
import { breather } from '../breather.ts';
import { asFhirError } from '../failure.ts';
import type { Reply } from '../../access/reply.ts';
import type { Entry } from './entry.ts';

/** Says what an entry came to: the reply of its interaction, or why there is none. */
export type Result = { readonly reply: Reply } | { readonly error: unknown };

/** Says what the client wants back of its writes; `Prefer: return=minimal`, which is nothing, unless it says otherwise. */
export interface Wish {
  readonly representation: boolean;
  readonly outcome?: boolean;
}

/**
 * `batch-response` or `transaction-response` in the order of the request, others working in between; resources are exact
 * bytes.
 *
 * @param by `base`: our own URL, for the fullUrl of a resource (R4 bundle.html: once in a Bundle)
 */
export async function responseBundle(
  type: 'batch' | 'transaction',
  results: readonly { readonly method: Entry['method'] | undefined; readonly result: Result }[],
  by: { readonly wish: Wish; readonly base: string; readonly clock: () => number },
): Promise<Uint8Array> {
  const { wish, base } = by;
  const breathe = breather(by.clock);
  const named = new Set<string>();
  const parts: (string | Uint8Array)[] = [`{"resourceType":"Bundle","type":"${type}-response"`];
  for (const [i, { method, result }] of results.entries()) {
    await breathe();
    parts.push(i === 0 ? ',"entry":[{' : ',{');
    if ('error' in result) {
      const { status, outcome } = outcomeOf(asFhirError(result.error));
      parts.push(`"response":${JSON.stringify({ status: statusLine(status), outcome })}}`);
      continue;
    }
    const { reply } = result;
    const shown = method === 'GET' || (wish.representation && method !== 'HEAD');
    if (shown && reply.body !== undefined && reply.body.length > 0) {
      const fullUrl = fullUrlOf(reply, base);
      if (fullUrl !== undefined && !named.has(fullUrl)) {
        named.add(fullUrl);
        parts.push(`"fullUrl":${JSON.stringify(fullUrl)},`);
      }
      parts.push('"resource":', resourceOf(reply.body, reply.contentType), ',');
    }
    const isRead = method === 'GET' || method === 'HEAD';
    const outcome =
      wish.outcome === true && !isRead ? { outcome: doneOutcome(reply.warnings) } : {};
    parts.push(`"response":${JSON.stringify({ ...responseOf(reply), ...outcome })}}`);
  }
  parts.push(results.length > 0 ? ']}' : '}');
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)),
  );
}

/** Puts what is no FHIR resource into one: http://hl7.org/fhir/R4/binary.html */
function resourceOf(body: Uint8Array | string, contentType?: string): Uint8Array | string {
  if (contentType === undefined) return body;
  const bytes = Buffer.from(body);
  return binaryResource({ contentType, securityContext: undefined, bytes });
}

function fullUrlOf({ version, derived }: Reply, base: string): string | undefined {
  return version === undefined || derived === true
    ? undefined
    : `${base}/${version.type}/${version.id}`;
}

function responseOf({ status, location, version }: Reply): Record<string, string> {
  return {
    status: statusLine(status),
    ...(location === undefined ? {} : { location }),
    ...(version === undefined
      ? {}
      : { etag: formatEtag(version.version), lastModified: formatInstant(version.lastUpdated) }),
  };
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
}
