import type { JWTPayload } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Directory } from './directory.ts';

export const INTROSPECTION_PATH = '/introspect';

/** Claims told about an active token (SMART App Launch 2.2, token introspection; RFC 7662). */
const TOLD = [
  ...['scope', 'client_id', 'exp', 'iat', 'sub', 'iss', 'aud', 'jti', 'patient', 'fhirUser'],
  ...['purpose_of_use', 'fhir_role', 'fhir_msp', 'fhir_organization'],
];

/**
 * Middleware that answers introspection of our JWT access tokens. The provider authenticates the client and then
 * refuses structured tokens; that refusal is replaced by the answer. A client may ask about its own tokens, a
 * resource server (`introspects`) about all.
 *
 * @rule token introspection
 */
export function introspection(
  directory: Directory,
  claimsOf: (token: string) => Promise<JWTPayload>,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async (ctx, next) => {
    await next();
    if (ctx.path !== INTROSPECTION_PATH || ctx.method !== 'POST' || ctx.status !== 400) return;
    const { error } = (ctx.body ?? {}) as { error?: unknown };
    const client = ctx.oidc.entities.Client;
    const token = ctx.oidc.params?.['token'];
    if (error !== 'unsupported_token_type' || client === undefined || typeof token !== 'string')
      return;
    const asker = directory.clients.find((each) => each.clientId === client.clientId);
    const claims = await claimsOf(token).catch(() => undefined);
    const mayKnow =
      claims?.['client_id'] === client.clientId ||
      (asker?.kind === 'backend' && asker.introspects === true);
    ctx.status = 200;
    ctx.body =
      claims !== undefined && mayKnow
        ? { active: true, token_type: 'Bearer', ...pick(claims) }
        : { active: false };
  };
}

function pick(claims: JWTPayload): Record<string, unknown> {
  return Object.fromEntries(
    TOLD.filter((name) => name in claims).map((name) => [name, claims[name]]),
  );
}
