import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ByteStream } from '../access/reply.ts';

/**
 * Sends what passes in pieces: the next is asked for when the client has taken most of the one before, and none when the
 * client has gone away. A HEAD takes none.
 */
export function sendStream(reply: FastifyReply, body: ByteStream): FastifyReply {
  if (body.bytes !== undefined) void reply.header('content-length', body.bytes);
  if (reply.request.method !== 'HEAD') {
    return reply.send(Readable.from(exactly(body), { objectMode: false }));
  }
  void body[Symbol.asyncIterator]().return?.();
  return reply.send(Readable.from([]));
}

/** An answer that is not as long as it says would be taken for the beginning of the next one. */
async function* exactly(body: ByteStream): AsyncGenerator<Uint8Array, undefined> {
  let left = body.bytes ?? Infinity;
  for await (const piece of body) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (body.bytes !== undefined && left !== 0) throw new Error('a body is not as long as it says');
}
