import { createHash } from 'node:crypto';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { FhirError } from '../fhir/errors.ts';
import { principalOf } from './claims.ts';
import type { Principal } from './principal.ts';

/** Seconds an access token may live, and by which clocks may differ. */
export const TOKEN_LIFETIME = 300;
export const CLOCK_SKEW = 10;

export interface TokenVerifierOptions {
  /** Exact `iss`. */
  readonly issuer: string;
  /** Exact `aud`, and base URL of an absolute `fhirUser`: our FHIR base without a trailing slash. */
  readonly audience: string;
  /** Public keys at hand (embedded provider), or where an external issuer publishes them. */
  readonly keys: { readonly jwks: JSONWebKeySet } | { readonly jwksUrl: string };
  /** JWS algorithms accepted; ES256 only unless stated. */
  readonly algorithms?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Verified tokens remembered until they expire; 4,096 unless stated. */
  readonly cacheSize?: number;
}

export interface TokenVerifier {
  /**
   * Says who is calling, by the value of the Authorization header.
   *
   * @throws FhirError `login` without an acceptable token, `unavailable` when the issuer's keys cannot be had
   */
  verify(authorization: string | undefined): Promise<Principal>;
}

/** Verifies JWT access tokens (RFC 9068, RFC 6750). Bearer only: a token bound to a key is not accepted. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const remembered = new Map<string, Principal>();
  const capacity = options.cacheSize ?? 4096;
  const claimsOf = claimsReader(options);
  return {
    verify: async (authorization) => {
      const token = bearer(authorization);
      const digest = createHash('sha256').update(token).digest('base64');
      const known = remembered.get(digest);
      if (known !== undefined) {
        if (known.expires * 1000 > options.clock()) return known;
        remembered.delete(digest);
        throw new FhirError('login', 'The access token has expired');
      }
      const principal = acceptable(await claimsOf(token), options);
      if (remembered.size >= capacity) {
        for (const oldest of remembered.keys()) {
          remembered.delete(oldest);
          break;
        }
      }
      remembered.set(digest, principal);
      return principal;
    },
  };
}

/** Signature and the claims every access token has; the same rules for callers and for introspection. */
export function claimsReader(
  options: TokenVerifierOptions,
): (token: string) => Promise<JWTPayload> {
  const keys: JWTVerifyGetKey =
    'jwks' in options.keys
      ? createLocalJWKSet(options.keys.jwks)
      : createRemoteJWKSet(new URL(options.keys.jwksUrl), { timeoutDuration: 3_000 });
  return async (token) => {
    const now = Math.floor(options.clock() / 1000);
    const { payload } = await jwtVerify(token, keys, {
      issuer: options.issuer,
      typ: 'at+jwt',
      algorithms: [...(options.algorithms ?? ['ES256'])],
      requiredClaims: ['aud', 'sub', 'client_id', 'iat', 'exp', 'jti'],
      currentDate: new Date(now * 1000),
    }).catch((error: unknown) => {
      throw refused(error);
    });
    const { aud, iat = NaN, exp = NaN } = payload;
    const ours =
      aud === options.audience ||
      (Array.isArray(aud) && aud.length === 1 && aud[0] === options.audience);
    const shortLived = exp - iat <= TOKEN_LIFETIME && iat <= now + CLOCK_SKEW;
    if (!ours || !shortLived || payload['cnf'] !== undefined) throw foreign();
    return payload;
  };
}

function bearer(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') {
    throw new FhirError('login', 'An access token is required (Authorization: Bearer …)');
  }
  const [, token] = /^Bearer +([A-Za-z0-9_.-]{1,8192})$/i.exec(authorization) ?? [];
  if (token?.split('.').length !== 3) {
    throw new FhirError('login', 'The Authorization header holds no well-formed bearer token');
  }
  return token;
}

function acceptable(claims: JWTPayload, { audience }: TokenVerifierOptions): Principal {
  try {
    return principalOf(claims, audience);
  } catch (cause) {
    throw foreign(cause);
  }
}

function refused(cause: unknown): FhirError {
  if (cause instanceof errors.JWTExpired) {
    return new FhirError('login', 'The access token has expired', { cause });
  }
  const ours = cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout);
  const noKeys = cause instanceof errors.JOSEError && cause.code === 'ERR_JOSE_GENERIC';
  if (ours && !noKeys) return foreign(cause);
  return new FhirError('unavailable', 'The keys of the authorization server cannot be had now', {
    cause,
  });
}

function foreign(cause?: unknown): FhirError {
  return new FhirError('login', 'The access token is not valid for this server', { cause });
}
