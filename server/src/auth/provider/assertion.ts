import { errors, type UnknownObject } from 'oidc-provider';
import { CLOCK_SKEW } from '../token.ts';

/** Seconds ahead an assertion may expire. */
const ASSERTION_LIFETIME = 300;
/** Header members by which a client could bring keys of its own. */
const KEY_HEADERS = ['jku', 'jwk', 'x5u', 'x5c'];

/**
 * Asserts what SMART backend services ask of a client assertion beyond RFC 7523: it lives five minutes at most, is
 * meant for the token URL and nothing else, and brings no keys of its own. Signature, `iss`, `sub` and `jti` were
 * checked before.
 *
 * @throws InvalidClientAuth
 * @rule SMART backend services
 */
export function assertSmartAssertion(
  claims: UnknownObject,
  header: UnknownObject,
  facts: { readonly tokenUrl: string; /** Seconds since the epoch. */ readonly now: number },
): void {
  const { aud, exp, iat, jti, sub, iss } = claims;
  const { tokenUrl, now } = facts;
  const typ = header['typ'] ?? 'JWT';
  const audience: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  const rules: Readonly<Record<string, boolean>> = {
    'aud must be the token URL': audience === tokenUrl,
    'sub must equal iss': sub === iss,
    'jti must be a string': typeof jti === 'string' && jti.length <= 512,
    'exp is more than 5 minutes ahead':
      typeof exp === 'number' && exp <= now + ASSERTION_LIFETIME + CLOCK_SKEW,
    'iat lies in the future':
      iat === undefined || (typeof iat === 'number' && iat <= now + CLOCK_SKEW),
    'typ must be JWT': typeof typ === 'string' && typ.toUpperCase() === 'JWT',
    'keys are registered, not sent along': KEY_HEADERS.every((name) => header[name] === undefined),
  };
  for (const [rule, kept] of Object.entries(rules)) {
    if (!kept) throw new errors.InvalidClientAuth(rule);
  }
}
