import {
  errors,
  type AccessToken,
  type ClientCredentials,
  type ClientMetadata,
  type Configuration,
  type KoaContextWithOIDC,
  type UnknownObject,
} from 'oidc-provider';
import { CLOCK_SKEW, TOKEN_LIFETIME } from '../token.ts';
import { assertSmartAssertion } from './assertion.ts';
import type { ClientEntry, Directory } from './directory.ts';
import { grantable } from './grantable.ts';
import { INTROSPECTION_PATH } from './introspection.ts';
import { account, grantedPurposes, LOGIN_PATH } from './login.ts';
import { errorPage, PAGE_HEADERS } from './login-page.ts';
import type { SigningKeys } from './signing-keys.ts';
import { oidcAdapter } from './state/oidc-adapter.ts';
import type { ProviderState } from './state/provider-state.ts';
import { purposesFor, tokenClaims } from './token-claims.ts';

export interface Setting {
  readonly issuer: string;
  /** Our FHIR base: the only resource tokens are made for. */
  readonly audience: string;
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly state: ProviderState;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** oidc-provider as SMART App Launch 2.2 asks for it, and no more of it than is used. */
export function configuration(setting: Setting): Configuration {
  const { audience, directory, keys, state, clock } = setting;
  const clients = new Map(directory.clients.map((client) => [client.clientId, client]));
  const persons = new Map(directory.persons.map((person) => [person.login, person]));
  return {
    adapter: (model) => oidcAdapter(state, model, clock),
    clients: directory.clients.map(metadata),
    jwks: keys.jwks,
    cookies: {
      keys: keys.cookieKeys,
      names: cookieNames(setting.issuer),
      short: { httpOnly: true, sameSite: 'lax', signed: true },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    routes: {
      authorization: '/authorize',
      token: '/token',
      introspection: INTROSPECTION_PATH,
      jwks: '/jwks',
    },
    scopes: ['openid'],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    clientAuthMethods: ['private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['RS384', 'ES384'],
      idTokenSigningAlgValues: ['RS256', 'ES256'],
    },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: CLOCK_SKEW,
    expiresWithSession: () => false,
    // Every authorization is decided anew: an earlier grant may have been for other purposes.
    loadExistingGrant: async (ctx) => {
      const id = ctx.oidc.result?.consent?.grantId;
      return id === undefined ? undefined : await ctx.oidc.provider.Grant.find(id);
    },
    ttl: {
      AccessToken: TOKEN_LIFETIME,
      AuthorizationCode: 60,
      ClientCredentials: TOKEN_LIFETIME,
      Grant: 900,
      IdToken: TOKEN_LIFETIME,
      Interaction: 600,
      Session: 900,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource, client) => {
          if (resource !== audience) throw new errors.InvalidTarget();
          const entry = clients.get(client.clientId);
          const scope = ctx.oidc.entities.AuthorizationCode?.scope ?? ctx.oidc.params?.['scope'];
          const words =
            entry === undefined || typeof scope !== 'string' ? [] : grantable(scope, entry);
          return {
            audience,
            scope: words.join(' '),
            accessTokenTTL: TOKEN_LIFETIME,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
    },
    extraParams: {
      aud: (ctx, value) => {
        // RFC 8707 names it `resource`; the parsed parameter has our default, so look at what was sent.
        if ((value ?? ctx.query['resource']) !== audience) {
          throw new errors.InvalidRequest('aud must be the base URL of the FHIR server');
        }
      },
      purpose_of_use: (_ctx, value) => void purposesFor(value, undefined),
    },
    extraTokenClaims: (ctx, token) => claimsFor(ctx, token, { clients, persons }),
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims, header) =>
      assertSmartAssertion(claims, header, {
        tokenUrl: `${setting.issuer}/token`,
        now: Math.floor(clock() / 1000),
      }),
    findAccount: (_ctx, sub) => {
      const person = persons.get(sub);
      return person === undefined ? undefined : account(person, audience);
    },
    interactions: {
      url: (_ctx, { uid }) => `${new URL(setting.issuer).pathname}${LOGIN_PATH}/${uid}`,
    },
    clientBasedCORS: (_ctx, origin, client) =>
      client.redirectUris?.some((uri) => URL.parse(uri)?.origin === origin) ?? false,
    renderError: (ctx, out) => {
      ctx.set(PAGE_HEADERS);
      ctx.body = errorPage(out.error, out.error_description ?? '');
    },
  };
}

function claimsFor(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  known: {
    readonly clients: ReadonlyMap<string, ClientEntry>;
    readonly persons: ReadonlyMap<string, Directory['persons'][number]>;
  },
): UnknownObject {
  if (token.scope === undefined || token.scope === '') {
    throw new errors.InvalidScope('no requested scope is open to this client', '');
  }
  if (token.kind === 'ClientCredentials') {
    const client = known.clients.get(token.clientId ?? '');
    if (client?.kind !== 'backend') throw new errors.InvalidClient('not a backend service');
    const purposes = purposesFor(ctx.oidc.body?.['purpose_of_use'], client);
    return tokenClaims(client, purposes);
  }
  const person = known.persons.get(token.accountId);
  const grant = ctx.oidc.entities.Grant;
  if (person === undefined || grant === undefined) throw new errors.InvalidGrant('person unknown');
  return tokenClaims(person, grantedPurposes(grant));
}

function metadata(client: ClientEntry): ClientMetadata {
  const common = {
    client_id: client.clientId,
    client_name: client.name,
    application_type: 'web' as const,
    id_token_signed_response_alg: 'RS256' as const,
    ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
  };
  if (client.kind === 'backend') {
    return {
      ...common,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
    };
  }
  return {
    ...common,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: client.jwks === undefined ? 'none' : 'private_key_jwt',
  };
}

/** Browsers send cookies to every port of a host, so several servers on one machine need names of their own. */
export function cookieNames(issuer: string): {
  session: string;
  interaction: string;
  resume: string;
} {
  const { port, protocol } = new URL(issuer);
  const at = port === '' ? protocol.slice(0, -1) : port;
  return { session: `s${at}`, interaction: `i${at}`, resume: `r${at}` };
}
