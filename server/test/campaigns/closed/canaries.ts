import { randomBytes } from 'node:crypto';

const CANARY = /canary-[0-9a-f]{32}/g;
/** Long enough to hold one. */
const BASE64 = /[A-Za-z0-9+/]{48,}={0,2}/g;

/** A text that stands nowhere else: 128 random bits. */
export const newCanary = (): string => `canary-${randomBytes(16).toString('hex')}`;

/** All canaries in this text, in what it holds as Base64, too. */
export function canariesIn(text: string, depth = 2): ReadonlySet<string> {
  const found = new Set(text.match(CANARY) ?? []);
  if (depth === 0) return found;
  for (const part of text.match(BASE64) ?? []) {
    const inside = Buffer.from(part, 'base64').toString('utf8');
    for (const canary of canariesIn(inside, depth - 1)) found.add(canary);
  }
  return found;
}
