import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeJwt, type JSONWebKeySet } from 'jose';
import { Provider, type KoaContextWithOIDC } from 'oidc-provider';
import { claimsReader } from '../token.ts';
import { configuration, cookieNames } from './configuration.ts';
import type { Directory } from './directory.ts';
import { introspection } from './introspection.ts';
import { developmentLogin } from './login.ts';
import { loadSigningKeys } from './signing-keys.ts';
import type { ProviderState } from './state/provider-state.ts';

export interface ProviderOptions {
  /** Absolute URL with a path, where the provider is mounted: `http://127.0.0.1:8080/auth`. */
  readonly issuer: string;
  /** Our FHIR base, `http://127.0.0.1:8080/fhir`: audience of every access token. */
  readonly audience: string;
  readonly directory: Directory;
  /** Holds what it remembers and signs with; whoever opened it closes it after the last request. */
  readonly state: ProviderState;
  /** Lets persons log in by choosing their name. Without it there are backend services only. */
  readonly development: boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Told of faults that clients only see as `server_error`. */
  readonly onError: (error: Error) => void;
}

export interface AuthorizationServer {
  /** Path below which every request belongs to `callback`, `/auth`. */
  readonly path: string;
  /** Serves a request whose body nobody has read; `req.url` still has the path. */
  callback(req: IncomingMessage, res: ServerResponse): void;
  /** Keys that verify our access tokens. */
  readonly publicKeys: JSONWebKeySet;
}

/**
 * The embedded OpenID provider: SMART backend services, and in development authorization code with PKCE for persons.
 *
 * @throws Error when the keys cannot be used, StateUnavailable without its state
 */
export async function createProvider(options: ProviderOptions): Promise<AuthorizationServer> {
  const { issuer, audience, clock, state } = options;
  const { pathname } = new URL(issuer);
  if (pathname === '/' || pathname.endsWith('/'))
    throw new Error(`The issuer needs a path: ${issuer}`);
  const directory: Directory = options.development
    ? options.directory
    : { clients: options.directory.clients.filter(({ kind }) => kind === 'backend'), persons: [] };
  const keys = await loadSigningKeys(state);

  const provider = new Provider(
    issuer,
    configuration({ issuer, audience, directory, keys, state, clock }),
  );
  provider.proxy = true;
  provider.on('server_error', (_ctx: unknown, error: Error) => options.onError(error));
  (provider as EventEmitter).on('error', options.onError);
  provider.use(patientInResponse);
  provider.use(
    introspection(
      directory,
      claimsReader({ issuer, audience, keys: { jwks: keys.accessTokenKeys }, clock }),
    ),
  );
  if (options.development) provider.use(developmentLogin(provider, directory, audience));

  const handle = provider.callback();
  const session = cookieNames(issuer).session;
  return {
    path: pathname,
    publicKeys: keys.accessTokenKeys,
    callback: (req, res) => {
      forgetSession(req, session);
      void handle(below(new URL(issuer), req), res);
    },
  };
}

/**
 * The request as seen from the mount point. The provider makes URLs (and decides about secure cookies) from host and
 * scheme of a request; here they are always the issuer's, whatever a client or proxy sends.
 */
function below({ pathname, host, protocol }: URL, req: IncomingMessage): IncomingMessage {
  const path = req.url?.startsWith(pathname) === true ? req.url.slice(pathname.length) : req.url;
  req.url = path?.startsWith('/') === true ? path : `/${path ?? ''}`;
  req.headers.host = host;
  req.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  delete req.headers['x-forwarded-host'];
  return Object.assign(req, { baseUrl: pathname });
}

/** Nobody stays logged in: every authorization asks who is there, so a shared browser never answers for somebody else. */
function forgetSession(req: IncomingMessage, session: string): void {
  const kept = req.headers.cookie
    ?.split(';')
    .filter((pair) => ![session, `${session}.sig`].includes(pair.split('=')[0]?.trim() ?? ''));
  if (kept !== undefined) req.headers.cookie = kept.join(';');
}

/** SMART tells the app its patient beside the token. */
async function patientInResponse(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  if (ctx.path !== '/token' || ctx.status !== 200) return;
  const body = ctx.body as { access_token?: unknown; patient?: unknown };
  if (typeof body.access_token !== 'string') return;
  const { patient } = decodeJwt<{ patient?: string }>(body.access_token);
  if (patient !== undefined) body.patient = patient;
}
