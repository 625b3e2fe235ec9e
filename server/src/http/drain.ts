import type { IncomingMessage } from 'node:http';

const MOST_BYTES = 64 * 1024 * 1024;
const LONGEST_MS = 5_000;

/**
 * Reads and forgets what is left of a body that was refused, within bounds: a client that is still sending when the
 * connection closes never sees the answer.
 */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const stop = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', stop).off('close', stop).off('error', stop);
      resolve();
    };
    const count = (chunk: Uint8Array): void => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) stop();
    };
    const timer = setTimeout(stop, LONGEST_MS);
    request.on('data', count).on('end', stop).on('close', stop).on('error', stop);
    request.resume();
  });
}
