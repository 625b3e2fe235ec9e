import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** From so long before its end on, a certificate is warned of and renewed (ms). */
export const RENEWAL_WINDOW = 30 * 86_400_000;

/** The instant (ms since the epoch) after which a certificate is not valid. */
export function expiryOf(path: string): number {
  return Date.parse(new X509Certificate(readFileSync(path)).validTo);
}
