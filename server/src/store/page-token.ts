import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { SearchQuery } from '../search/query.ts';

/** Where a page ended: the sort values of its last resource (null where it has none), its id and its type. */
export interface Position {
  readonly keys: readonly (number | string | null)[];
  readonly id: string;
  readonly type: string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** Length of a store's page key: 32 bytes to encrypt with, 32 to derive nonces with. */
export const pageKeyBytes = 64;

/**
 * A page token is sealed, because sort values are clinical data (a name, a date) and tokens travel in URLs, and because a
 * token the store did not make must be recognised. The nonce is a MAC of the content, so sealing needs no randomness.
 * @param key `pageKeyBytes` random bytes, made with the store and kept in it
 */
export function sealPosition(key: Uint8Array, query: SearchQuery, position: Position): string {
  const plain = Buffer.from(JSON.stringify([...position.keys, position.id, position.type]), 'utf8');
  const scope = scopeOf(query);
  const nonce = createHmac('sha256', keysOf(key).nonce)
    .update(scope)
    .update('\n')
    .update(plain)
    .digest()
    .subarray(0, nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keysOf(key).content, nonce).setAAD(
    Buffer.from(scope, 'utf8'),
  );
  const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64url');
}

/** @throws RangeError unless the token was sealed with this key for a query of the same type and order */
export function openPosition(key: Uint8Array, query: SearchQuery, token: string): Position {
  const sealed = Buffer.from(token, 'base64url');
  if (sealed.toString('base64url') !== token || sealed.length < nonceBytes + tagBytes) refuse();
  const end = sealed.length - tagBytes;
  let plain: string;
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      key.subarray(0, 32),
      sealed.subarray(0, nonceBytes),
    )
      .setAAD(Buffer.from(scopeOf(query), 'utf8'))
      .setAuthTag(sealed.subarray(end));
    plain =
      decipher.update(sealed.subarray(nonceBytes, end), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    refuse();
  }
  const values = JSON.parse(plain) as (number | string | null)[];
  return { keys: values.slice(0, -2), id: String(values.at(-2)), type: String(values.at(-1)) };
}

interface Keys {
  readonly content: KeyObject;
  readonly nonce: KeyObject;
}

/** Making key objects costs more than using them. */
const made = new WeakMap<Uint8Array, Keys>();

function keysOf(key: Uint8Array): Keys {
  const known = made.get(key);
  if (known) return known;
  const keys = {
    content: createSecretKey(key.subarray(0, 32)),
    nonce: createSecretKey(key.subarray(32)),
  };
  made.set(key, keys);
  return keys;
}

function scopeOf(query: SearchQuery): string {
  const types = [query.type, ...(query.others ?? []).map(({ type }) => type)];
  return JSON.stringify([2, types, ...query.sort.map((key) => [key.param, key.descending])]);
}

function refuse(): never {
  throw new RangeError('The page token was not made by this server for this search');
}
