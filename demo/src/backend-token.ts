import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWK } from 'jose';
import { tokenOf, type TokenRequest } from './token-request.ts';

/**
 * A token for a system, by SMART backend services: the client proves itself with an assertion signed by its own key.
 *
 * @throws TokenError
 */
export async function backendToken(
  request: TokenRequest,
  clientId: string,
  key: JWK,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({
      alg: key.alg ?? 'ES384',
      typ: 'JWT',
      ...(key.kid === undefined ? {} : { kid: key.kid }),
    })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(request.tokenUrl)
    .setIssuedAt(now)
    .setExpirationTime(now + 120)
    .sign(await importJWK(key));
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: request.scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...(request.purpose === undefined ? {} : { purpose_of_use: request.purpose }),
  });
  return await tokenOf(
    await fetch(request.tokenUrl, { method: 'POST', body, signal: AbortSignal.timeout(10_000) }),
  );
}
