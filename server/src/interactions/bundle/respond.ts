import { STATUS_CODES } from 'node:http';
import { formatEtag } from '../../fhir/etag.ts';
import { formatInstant } from '../../fhir/instant.ts';
import { outcomeOf } from '../../fhir/outcome.ts';
import { asFhirError } from '../failure.ts';
import type { Reply } from '../reply.ts';
import type { Entry } from './entry.ts';

/** What an entry came to: the reply of its interaction, or why there is none. */
export type Result = { readonly reply: Reply } | { readonly error: unknown };

/** Whether the client wants the resources it wrote back: `Prefer: return=representation`. */
export interface Wish {
  readonly representation: boolean;
}

/** `batch-response` or `transaction-response` in the order of the request; resources are exact bytes. */
export function responseBundle(
  type: 'batch' | 'transaction',
  results: readonly { readonly method: Entry['method'] | undefined; readonly result: Result }[],
  wish: Wish,
): Uint8Array {
  const parts: (string | Uint8Array)[] = [`{"resourceType":"Bundle","type":"${type}-response"`];
  results.forEach(({ method, result }, i) => {
    parts.push(i === 0 ? ',"entry":[{' : ',{');
    if ('error' in result) {
      const { status, outcome } = outcomeOf(asFhirError(result.error));
      parts.push(`"response":${JSON.stringify({ status: statusLine(status), outcome })}}`);
      return;
    }
    const { reply } = result;
    const shown = method === 'GET' || (wish.representation && method !== 'HEAD');
    if (shown && reply.body !== undefined && reply.body.length > 0) {
      parts.push('"resource":', reply.body, ',');
    }
    parts.push(`"response":${JSON.stringify(responseOf(reply))}}`);
  });
  parts.push(results.length > 0 ? ']}' : '}');
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)),
  );
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
