import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { importJWK, SignJWT, type JWK } from 'jose';
import { createApp } from '../../src/app.ts';
import { makeKeys } from '../../src/auth/provider/signing-keys.ts';
import { keysInFile } from '../../src/auth/provider/state/sqlite/key-file.ts';
import { readConfig } from '../../src/config.ts';

export const BASE = 'http://127.0.0.1:8080/fhir';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body as JSON. */
  readonly json: () => Readonly<Record<string, unknown>>;
}

export interface Caller {
  readonly role: string;
  readonly organization?: string;
  readonly msp?: string;
  readonly user?: string;
  readonly patient?: string;
  readonly scope?: string;
  readonly purposes?: readonly string[];
}

export interface TestApp {
  readonly app: FastifyInstance;
  /** A request as this caller; no caller: without a token. */
  ask(
    caller: Caller | undefined,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    more?: { readonly body?: string | Uint8Array; readonly headers?: Record<string, string> },
  ): Promise<Answer>;
  /** An access token of this caller. */
  token(caller: Caller): Promise<string>;
  close(): Promise<void>;
}

export const people = {
  ehr: { role: 'system', scope: 'system/*.cruds' },
  doctor: { role: 'practitioner', user: 'Practitioner/doctor', scope: 'user/*.cruds' },
  otherDoctor: { role: 'practitioner', user: 'Practitioner/other-doctor', scope: 'user/*.cruds' },
  patientA: { role: 'patient', patient: 'a', user: 'Patient/a', scope: 'patient/*.cruds' },
  patientB: { role: 'patient', patient: 'b', user: 'Patient/b', scope: 'patient/*.cruds' },
  pharmacist: {
    role: 'pharmacist',
    organization: 'Organization/pharmacy',
    msp: 'PharmacyMSP',
    scope: 'system/*.cruds',
  },
  auditor: {
    role: 'auditor',
    organization: 'Organization/auditor',
    msp: 'AuditorMSP',
    scope: 'user/*.rs',
    user: 'Practitioner/auditor',
  },
} as const satisfies Record<string, Caller>;

/** The whole server over sqlite and the embedded ledger, without a port. */
export async function startApp(environment: Record<string, string> = {}): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'app-'));
  const config = readConfig({ ...prepareFolder(folder), ...environment });
  await prepareKeys(folder);
  const app = await createApp(config);
  await app.ready();
  for (let i = 0; (await app.inject('/readyz')).statusCode !== 200; i += 1) {
    if (i > 200) throw new Error('the app does not become ready');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const sign = await signer(folder);
  return {
    app,
    token: sign,
    ask: async (caller, method, path, more = {}) => {
      const response = await app.inject({
        method,
        url: `/fhir/${path}`,
        headers: {
          ...(caller === undefined ? {} : { authorization: `Bearer ${await sign(caller)}` }),
          ...(more.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
          ...more.headers,
        },
        ...(more.body === undefined ? {} : { payload: Buffer.from(more.body) }),
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        json: () => JSON.parse(response.body) as Record<string, unknown>,
      };
    },
    close: async () => {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a server needs to keep its data in this folder, as its environment. */
export function prepareFolder(folder: string): Record<string, string> {
  const directory = join(folder, 'directory.json');
  mkdirSync(join(folder, 'keys'));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const client = {
    kind: 'backend',
    clientId: 'ehr',
    name: 'EHR',
    role: 'system',
    msp: 'HospitalMSP',
    organization: 'Organization/hospital',
    scopes: ['system/*.cruds'],
    jwks: { keys: [publicKey.export({ format: 'jwk' })] },
  };
  writeFileSync(directory, JSON.stringify({ clients: [client], persons: [] }));
  return {
    CHARTSEAL_ORGANISATION_NAME: 'hospital',
    CHARTSEAL_MSP: 'HospitalMSP',
    CHARTSEAL_ORGANISATION_REFERENCE: 'Organization/hospital',
    CHARTSEAL_STORE: `sqlite:${join(folder, 'store.sqlite')}`,
    CHARTSEAL_LEDGER: `embedded:${join(folder, 'ledger')}`,
    CHARTSEAL_TRUST: join(folder, 'trust.json'),
    CHARTSEAL_DIRECTORY: directory,
    CHARTSEAL_KEYS: join(folder, 'keys'),
    CHARTSEAL_DEFINITIONS: join(import.meta.dirname, '..', '..', 'definitions'),
    CHARTSEAL_DEVELOPMENT: 'true',
    CHARTSEAL_LOG_LEVEL: 'silent',
  };
}

/** Makes the keys that tests sign with; a server with its data in this folder takes them, whatever its store. */
export async function prepareKeys(folder: string): Promise<void> {
  await keysInFile(keyFileIn(folder), makeKeys);
}

/** A server with a shared state has put the file aside. */
function keyFileIn(folder: string): string {
  const file = join(folder, 'keys', 'token-keys.json');
  const aside = `${file}.taken-over`;
  return existsSync(aside) ? aside : file;
}

/** Makes tokens that the server with its data in this folder accepts. */
export async function signer(folder: string): Promise<(caller: Caller) => Promise<string>> {
  const { keys } = JSON.parse(readFileSync(keyFileIn(folder), 'utf8')) as { keys: JWK[] };
  const jwk = keys.find(({ alg }) => alg === 'ES256');
  if (jwk === undefined) throw new Error('no ES256 key');
  const key = await importJWK(jwk, 'ES256');
  const known = new Map<Caller, { readonly token: string; readonly at: number }>();
  return async (caller) => {
    const ready = known.get(caller);
    // They live for five minutes.
    if (ready !== undefined && performance.now() - ready.at < 200_000) return ready.token;
    const token = await new SignJWT({
      client_id: 'ehr',
      scope: caller.scope ?? '',
      fhir_role: caller.role,
      fhir_msp: caller.msp ?? 'HospitalMSP',
      fhir_organization: caller.organization ?? 'Organization/hospital',
      ...(caller.user === undefined ? {} : { fhirUser: caller.user }),
      ...(caller.patient === undefined ? {} : { patient: caller.patient }),
      purpose_of_use: caller.purposes ?? ['TREAT'],
    })
      .setProtectedHeader({
        alg: 'ES256',
        typ: 'at+jwt',
        ...(jwk.kid === undefined ? {} : { kid: jwk.kid }),
      })
      .setIssuer('http://127.0.0.1:8080/auth')
      .setAudience(BASE)
      .setSubject(caller.user ?? 'ehr')
      .setIssuedAt()
      .setExpirationTime('5m')
      .setJti(randomUUID())
      .sign(key);
    known.set(caller, { token, at: performance.now() });
    return token;
  };
}

/** How a test talks to one server about resources: what is no text is sent as JSON. */
export function requestsOf(server: () => TestApp) {
  const ask = (
    caller: Caller,
    method: Parameters<TestApp['ask']>[1],
    path: string,
    ...[body, headers = {}]: readonly [body?: unknown, headers?: Record<string, string>]
  ): Promise<Answer> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return server().ask(caller, method, path, {
      headers,
      ...(body !== undefined && { body: text }),
    });
  };
  return {
    ask,
    /** Of what this caller reads there. */
    statusOf: async (caller: Caller, path: string): Promise<number> =>
      (await ask(caller, 'GET', path)).status,
    /** By the custodian's own system. */
    send: (
      method: Parameters<TestApp['ask']>[1],
      path: string,
      body: unknown,
      headers?: Record<string, string>,
    ): Promise<Answer> => ask(people.ehr, method, path, body, headers),
  };
}
