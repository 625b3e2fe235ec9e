import { setImmediate as turn } from 'node:timers/promises';
import type { Issue } from '../fhir/errors.ts';
import type { StoredVersion } from '../store/version-store.ts';

/** Holds what goes back to the client; http/reply.ts turns it into an HTTP response. */
export interface Reply {
  readonly status: number;
  /** Exact bytes of a FHIR resource in JSON, or of what `contentType` says; only the latter may pass in pieces. */
  readonly body?: Uint8Array | string | ByteStream;
  /** Says the type of a body that is no FHIR resource, and so stays as it is whatever the client accepts. */
  readonly contentType?: string;
  readonly version?: StoredVersion;
  /** The body tells of the version, and is not what a read of it gives. */
  readonly derived?: true;
  /** Says how far a request is that runs in the background: `X-Progress`. */
  readonly progress?: string;
  /** Path below the base where its answer will be. */
  readonly later?: string;
  /** Path below the base, for `Location`. */
  readonly location?: string;
  /** Holds what the outcome of a write tells beside that it is done. */
  readonly warnings?: readonly Issue[];
}

/** Bytes that pass once, in pieces. Whoever stops before the end calls `return` of the iterator, as `for await` does. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  /** Says how many bytes all of it has, where that is known before. */
  readonly bytes?: number;
}

/** Pieces that are each made when it is asked for; others have their turn in between. */
export function inPieces(pieces: Iterable<Uint8Array>, bytes: number): ByteStream {
  return {
    bytes,
    async *[Symbol.asyncIterator]() {
      for (const piece of pieces) {
        yield piece;
        await turn();
      }
    },
  };
}

/** A reply that is held as it is: an entry of a Bundle, the answer of a request in the background. */
export interface WholeReply extends Reply {
  readonly body?: Uint8Array | string;
}

/** The reply with its body in one piece. */
export async function wholeReply(reply: Reply): Promise<WholeReply> {
  const { body, ...rest } = reply;
  if (body === undefined) return rest;
  if (typeof body === 'string' || body instanceof Uint8Array) return { ...rest, body };
  return { ...rest, body: Buffer.concat(await Array.fromAsync(body)) };
}

export function versionPath(version: {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}): string {
  return `${version.type}/${version.id}/_history/${version.version}`;
}

interface Left {
  readonly version: StoredVersion;
  readonly previous: StoredVersion | undefined;
  readonly warnings: readonly Issue[];
  /** A read by who has written it would show it: who asks for the resource back gets no more than that. */
  readonly showsItself: boolean;
}

/** Replies to a create: http://hl7.org/fhir/R4/http.html#create */
export function createReply({ version, warnings, showsItself }: Omit<Left, 'previous'>): Reply {
  const body = showsItself ? { body: version.body } : {};
  return { status: 201, ...body, version, warnings, location: versionPath(version) };
}

/** Replies to an update, or to one that created its resource: http://hl7.org/fhir/R4/http.html#upsert */
export function updateReply(changed: Left): Reply {
  const { version, previous, warnings, showsItself } = changed;
  if (previous === undefined || previous.deleted) return createReply(changed);
  return { status: 200, ...(showsItself ? { body: version.body } : {}), version, warnings };
}
