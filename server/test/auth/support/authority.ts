import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT, type CryptoKey, type JWK, type KeyObject } from 'jose';
import { parseDirectory, type Directory } from '../../../src/auth/provider/directory.ts';
import { createProvider, type AuthorizationServer } from '../../../src/auth/provider/provider.ts';
import type { ProviderState } from '../../../src/auth/provider/state/provider-state.ts';
import { openSqliteState } from '../../../src/auth/provider/state/sqlite/sqlite-state.ts';

/** A real authorization server on a loopback port, and the private keys of its clients. */
export interface Authority {
  readonly issuer: string;
  /** Where this server of the issuer listens. */
  readonly address: string;
  readonly audience: string;
  readonly provider: AuthorizationServer;
  readonly directory: Directory;
  readonly folder: string;
  readonly faults: readonly Error[];
  /** A new process on the same files. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });

export const keys = { rsa: rsa.privateKey, ec: ec.privateKey, other: other.privateKey };
export const rsaPublicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const publicJwk = (key: typeof rsa.publicKey): JWK => key.export({ format: 'jwk' });

export const REDIRECT = 'http://127.0.0.1:1/callback';

export const directory: Directory = parseDirectory({
  clients: [
    {
      kind: 'backend',
      clientId: 'pharmacy-system',
      name: 'System of the pharmacy',
      role: 'pharmacist',
      msp: 'PharmacyMSP',
      organization: 'Organization/pharmacy',
      jwks: { keys: [publicJwk(rsa.publicKey), publicJwk(ec.publicKey)] },
      scopes: ['system/*.rs'],
    },
    {
      kind: 'backend',
      clientId: 'gateway',
      name: 'A resource server',
      role: 'system',
      msp: 'HospitalMSP',
      organization: 'Organization/hospital',
      jwks: { keys: [publicJwk(other.publicKey)] },
      scopes: ['system/*.cruds'],
      purposes: ['HOPERAT', 'TREAT'],
      introspects: true,
    },
    {
      kind: 'app',
      clientId: 'app',
      name: 'An <app>',
      redirectUris: [REDIRECT],
      scopes: ['patient/*.cruds', 'user/*.cruds'],
    },
  ],
  persons: [
    {
      login: 'doctor',
      name: 'Dr. Demo',
      role: 'practitioner',
      msp: 'HospitalMSP',
      organization: 'Organization/hospital',
      practitioner: 'Practitioner/doctor',
      scopes: ['user/*.cruds'],
      purposes: ['TREAT', 'BTG'],
    },
    {
      login: 'patient',
      name: 'A patient',
      role: 'patient',
      msp: 'HospitalMSP',
      organization: 'Organization/hospital',
      patient: 'Patient/demo-a',
      scopes: ['patient/*.rs'],
    },
  ],
});

export interface AuthorityOptions {
  readonly development?: boolean;
  /** Another server of this issuer, which listens elsewhere. */
  readonly issuer?: string;
  /** Opens its state; in files of a folder of its own unless stated. */
  readonly open?: () => Promise<ProviderState>;
}

export async function startAuthority(options: AuthorityOptions = {}): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/auth`;
  const issuer = options.issuer ?? address;
  const audience = issuer.replace(/auth$/, 'fhir');
  const faults: Error[] = [];
  const files = { stateFile: join(folder, 'state.sqlite'), keysFile: join(folder, 'keys.json') };
  const open = options.open ?? (() => Promise.resolve(openSqliteState(files, Date.now)));
  let state = await open();
  const start = async (): Promise<AuthorizationServer> => {
    const provider = await createProvider({
      issuer,
      audience,
      directory,
      state,
      development: options.development ?? true,
      clock: Date.now,
      onError: (error) => faults.push(error),
    });
    server.removeAllListeners('request');
    server.on('request', (req, res) => provider.callback(req, res));
    return provider;
  };
  let provider = await start();
  return {
    issuer,
    address,
    audience,
    get provider() {
      return provider;
    },
    directory,
    folder,
    faults,
    restart: async () => {
      await state.close();
      state = await open();
      provider = await start();
    },
    close: async () => {
      await stop(server);
      await state.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export const seconds = (): number => Math.floor(Date.now() / 1000);

export interface Assertion {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: CryptoKey | KeyObject | Uint8Array;
}

/** The assertion a correct client would send, with deviations. */
export function assertion(issuer: string, deviation: Assertion = {}): Promise<string> {
  const claims = {
    iss: 'pharmacy-system',
    sub: 'pharmacy-system',
    aud: `${issuer}/token`,
    jti: randomUUID(),
    iat: seconds(),
    exp: seconds() + 240,
    ...deviation.claims,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES384', typ: 'JWT', ...deviation.header })
    .sign(deviation.key ?? keys.ec);
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** Posts a form; members with `undefined` are left out, lists are repeated. */
export async function post(
  url: string,
  form: Record<string, string | readonly string[] | undefined>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    for (const each of value === undefined ? [] : [value].flat()) body.append(name, each);
  }
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
    headers: response.headers,
  };
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A backend service asks for a token. */
export async function requestToken(
  issuer: string,
  signed: string,
  form: Record<string, string | readonly string[] | undefined> = {},
): Promise<Answer> {
  return await post(`${issuer}/token`, {
    grant_type: 'client_credentials',
    scope: 'system/*.rs',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: signed,
    ...form,
  });
}
