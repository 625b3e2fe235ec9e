import { generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, type JSONWebKeySet, type JWK } from 'jose';

/** Holds what the authorization server signs with. */
export interface SigningKeys {
  /** Private: ES256 for access tokens, RS256 for ID tokens. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Public half of the access token key, for the resource server. */
  readonly accessTokenKeys: JSONWebKeySet;
  /** Secrets that sign cookies. */
  readonly cookieKeys: readonly string[];
}

interface KeyFile {
  readonly keys: readonly JWK[];
  readonly cookieKeys: readonly string[];
}

/**
 * Loads the keys, or makes them on first start (file mode 0600).
 *
 * @throws Error when the file cannot be used or others may read it
 */
export async function loadSigningKeys(path: string): Promise<SigningKeys> {
  const file = read(path) ?? (await create(path));
  const accessTokenKeys = file.keys
    .filter((key) => key.alg === 'ES256')
    .map(({ kty, crv, x, y, kid, alg, use }) => ({ kty, crv, x, y, kid, alg, use }) as JWK);
  if (accessTokenKeys.length === 0 || file.cookieKeys.length === 0) {
    throw new Error(`The signing keys (${path}) are incomplete: remove the file to make new ones`);
  }
  return {
    jwks: { keys: file.keys },
    accessTokenKeys: { keys: accessTokenKeys },
    cookieKeys: file.cookieKeys,
  };
}

function read(path: string): KeyFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new Error(
      `The signing keys (${path}) can be read by others: chmod 600 it, and think of making new ones`,
    );
  }
  const { keys, cookieKeys } = JSON.parse(text) as Partial<KeyFile>;
  return { keys: keys ?? [], cookieKeys: cookieKeys ?? [] };
}

async function create(path: string): Promise<KeyFile> {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const file: KeyFile = {
    keys: [await signing(ec, 'ES256'), await signing(rsa, 'RS256')],
    cookieKeys: [randomBytes(32).toString('base64url')],
  };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(file), { mode: 0o600, flag: 'wx', flush: true });
  try {
    // When two processes start together, one wins, and the other takes its keys.
    linkSync(draft, path);
    return file;
  } catch (error) {
    const winner = read(path);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    rmSync(draft);
  }
}

async function signing(key: KeyObject, alg: string): Promise<JWK> {
  const jwk = key.export({ format: 'jwk' }) as JWK;
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}
