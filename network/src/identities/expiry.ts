import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Milliseconds. */
export const DAY = 86_400_000;
/** Says how long before its end a certificate is warned of and renewed, in ms. */
export const RENEWAL_WINDOW = 30 * DAY;

/** The instant (ms since the epoch) after which a certificate is not valid. */
export function expiryOf(path: string): number {
  return Date.parse(new X509Certificate(readFileSync(path)).validTo);
}
