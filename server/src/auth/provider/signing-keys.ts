import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JSONWebKeySet, type JWK } from 'jose';
import type { KeySet, ProviderState } from './state/provider-state.ts';

/** What the authorization server signs with. */
export interface SigningKeys {
  /** Private: ES256 for access tokens, RS256 for ID tokens. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Public half of the access token key, for the resource server. */
  readonly accessTokenKeys: JSONWebKeySet;
  /** Secrets that sign cookies. */
  readonly cookieKeys: readonly string[];
}

/**
 * The keys of the state, which are made on first start.
 *
 * @throws Error when they cannot be used
 */
export async function loadSigningKeys(state: ProviderState): Promise<SigningKeys> {
  const { keys, cookieKeys } = await state.signingKeys(makeKeys);
  const accessTokenKeys = keys
    .filter((key) => key.alg === 'ES256')
    .map(({ kty, crv, x, y, kid, alg, use }) => ({ kty, crv, x, y, kid, alg, use }) as JWK);
  if (accessTokenKeys.length === 0 || cookieKeys.length === 0) {
    throw new Error(
      `The signing keys (${state.keysAt}) are incomplete: remove them to have new ones made`,
    );
  }
  return { jwks: { keys }, accessTokenKeys: { keys: accessTokenKeys }, cookieKeys };
}

/** New keys, of each kind one. */
export async function makeKeys(): Promise<KeySet> {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return {
    keys: [await signing(ec, 'ES256'), await signing(rsa, 'RS256')],
    cookieKeys: [randomBytes(32).toString('base64url')],
  };
}

async function signing(key: KeyObject, alg: string): Promise<JWK> {
  const jwk = key.export({ format: 'jwk' }) as JWK;
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}
