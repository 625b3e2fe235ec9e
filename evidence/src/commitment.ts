import { createHmac } from 'node:crypto';

/** HMAC-SHA256(salt, content) in hex: hides low-entropy content as long as the 32-byte salt is secret. */
export function commitment(salt: Uint8Array, content: Uint8Array | string): string {
  return createHmac('sha256', salt).update(content).digest('hex');
}
