import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify';
import type { ByteStream } from '../access/reply.ts';
import { FhirError } from '../fhir/errors.ts';

/** The body of a request as it comes in, bound like any other. Nobody else reads it. */
class IncomingBody implements ByteStream {
  readonly #payload: RequestPayload;
  readonly #limit: number;
  /** Holds what the request says of its length, before it is decompressed. */
  readonly #declared: number;

  constructor(payload: RequestPayload, { headers, routeOptions }: FastifyRequest) {
    this.#payload = payload;
    this.#limit = routeOptions.bodyLimit;
    this.#declared = Number(headers['content-length'] ?? NaN);
  }

  /** @throws FhirError `too-large` over the limit, `structure` for what is not whole */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    if (this.#declared > this.#limit) throw tooLarge();
    let seen = 0;
    try {
      // The rest is drained with the answer when this stops early: a broken connection would not carry the answer.
      for await (const piece of this.#payload.iterator({ destroyOnReturn: false })) {
        const bytes = piece as Uint8Array;
        seen += bytes.length;
        if (seen > this.#limit) throw tooLarge();
        yield bytes;
      }
    } catch (error) {
      throw known(error);
    }
    const received = this.#payload.receivedEncodedLength ?? 0;
    if (!Number.isNaN(this.#declared) && (received || seen) !== this.#declared) throw notWhole();
  }
}

/** Gives bodies to the handlers of a scope as they come in. */
export function passBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (request, payload, done) =>
    done(null, new IncomingBody(payload, request)),
  );
}

/** Tells whether a request may have been answered before all of its body was read. */
export function isPassing({ body }: Pick<FastifyRequest, 'body'>): boolean {
  return body instanceof IncomingBody;
}

/** The content of a request, in pieces. */
export function contentOf(body: unknown): AsyncIterable<Uint8Array> {
  return body instanceof IncomingBody ? body : one(body instanceof Uint8Array ? body : undefined);
}

async function* one(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array, undefined> {
  if (bytes !== undefined) yield await Promise.resolve(bytes);
}

/** Errors of what decompresses have codes of their own; any other is of the connection. */
function known(error: unknown): unknown {
  const isNamed =
    error instanceof FhirError || String((error as { code?: unknown }).code).startsWith('FST_');
  return isNamed ? error : notWhole(error);
}

function tooLarge(): FhirError {
  return new FhirError('too-large', 'The body is larger than this server accepts');
}

function notWhole(cause?: unknown): FhirError {
  return new FhirError('structure', 'The request is malformed', { cause });
}
