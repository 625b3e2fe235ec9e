import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;
/** Contents are filled up with blanks to a multiple of so many bytes. */
const roundedTo = 32;

/** Length of a store's page key: 32 bytes to encrypt with, 32 to derive nonces with. */
export const pageKeyBytes = 64;

/**
 * A page token is sealed, because sort values are clinical data (a name, a date) and tokens travel in URLs, and because a
 * token the store did not make must be recognised. The nonce is a MAC of the content and of how many were sealed before,
 * so sealing needs no randomness, and two tokens being the same or of other lengths tells of no writes in between.
 * @param key `pageKeyBytes` random bytes, made with the store and kept in it
 * @param scope what the token is for: it opens with the same text only
 * @param content JSON
 */
export function sealToken(key: Uint8Array, scope: string, content: unknown): string {
  const text = Buffer.from(JSON.stringify(content), 'utf8');
  const plain = Buffer.alloc(Math.ceil(text.length / roundedTo) * roundedTo, ' ');
  text.copy(plain);
  const keys = keysOf(key);
  keys.sealed += 1;
  const nonce = createHmac('sha256', keys.nonce)
    .update(`${keys.sealed} ${scope}\n`)
    .update(plain)
    .digest()
    .subarray(0, nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keys.content, nonce).setAAD(
    Buffer.from(scope, 'utf8'),
  );
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64url');
}

/** @throws RangeError unless the token was sealed with this key for this scope */
export function openToken(key: Uint8Array, scope: string, token: string): unknown {
  const sealed = Buffer.from(token, 'base64url');
  if (sealed.toString('base64url') !== token || sealed.length < nonceBytes + tagBytes) refuse();
  const end = sealed.length - tagBytes;
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      keysOf(key).content,
      sealed.subarray(0, nonceBytes),
    )
      .setAAD(Buffer.from(scope, 'utf8'))
      .setAuthTag(sealed.subarray(end));
    const plain =
      decipher.update(sealed.subarray(nonceBytes, end), undefined, 'utf8') + decipher.final('utf8');
    return JSON.parse(plain);
  } catch {
    refuse();
  }
}

interface Keys {
  readonly content: KeyObject;
  readonly nonce: KeyObject;
  /** Says how many tokens this process has sealed. */
  sealed: number;
}

/** Making key objects costs more than using them. */
const made = new WeakMap<Uint8Array, Keys>();

function keysOf(key: Uint8Array): Keys {
  const known = made.get(key);
  if (known) return known;
  const keys = {
    content: createSecretKey(key.subarray(0, 32)),
    nonce: createSecretKey(key.subarray(32)),
    sealed: 0,
  };
  made.set(key, keys);
  return keys;
}

function refuse(): never {
  throw new RangeError('The page token was not made by this server for this request');
}
