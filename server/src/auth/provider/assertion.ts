import { errors, type UnknownObject } from 'oidc-provider';
import { CLOCK_SKEW } from '../token.ts';

/** Seconds ahead an assertion may expire. */
const ASSERTION_LIFETIME = 300;

/**
 * What SMART backend services ask of a client assertion beyond RFC 7523: it lives five minutes at most, is meant for
 * the token URL and nothing else, and brings no keys of its own. Signature, `iss`, `sub` and `jti` were checked before.
 *
 * @throws InvalidClientAuth
 */
export function assertSmartAssertion(
  claims: UnknownObject,
  header: UnknownObject,
  facts: { readonly tokenUrl: string; /** Seconds since the epoch. */ readonly now: number },
): void {
  const refuse = (why: string): never => {
    throw new errors.InvalidClientAuth(why);
  };
  const { aud, exp, iat, jti, sub, iss } = claims;
  const { tokenUrl, now } = facts;
  if (aud !== tokenUrl && !(Array.isArray(aud) && aud.length === 1 && aud[0] === tokenUrl)) {
    refuse('aud must be the token URL');
  }
  if (sub !== iss) refuse('sub must equal iss');
  if (typeof jti !== 'string' || jti.length > 512) refuse('jti must be a string');
  if (typeof exp !== 'number' || exp > now + ASSERTION_LIFETIME + CLOCK_SKEW) refuse('exp is more than 5 minutes ahead');
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + CLOCK_SKEW)) refuse('iat lies in the future');
  const typ = header['typ'];
  if (typ !== undefined && (typeof typ !== 'string' || typ.toUpperCase() !== 'JWT')) refuse('typ must be JWT');
  for (const name of ['jku', 'jwk', 'x5u', 'x5c']) {
    if (header[name] !== undefined) refuse(`${name}: keys are registered, not sent along`);
  }
}
