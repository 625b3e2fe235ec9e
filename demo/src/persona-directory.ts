import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { people, type Persona, type PersonPersona } from './personas.ts';
import { TokenError } from './token-request.ts';

/** The app in which persons log in. Nothing listens at its address: the token command reads the code off the redirect. */
export const app = {
  clientId: 'demo-app',
  redirectUri: 'http://127.0.0.1/chartseal-demo/callback',
} as const;

/**
 * Makes what is missing of the personas' keys (`personas/<client>.jwk.json`, mode 0600) and brings the directory of
 * clients and persons (`directory.json`) up to date. Harmless to repeat; existing keys stay.
 *
 * @param dataDir the data folder, `.data` of the work tree
 */
export async function ensureDirectory(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'personas');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const clients: object[] = [
    {
      kind: 'app',
      clientId: app.clientId,
      name: 'The demonstration',
      redirectUris: [app.redirectUri],
      scopes: ['patient/*.cruds', 'user/*.cruds'],
    },
  ];
  const persons: object[] = [];
  for (const [login, persona] of Object.entries(people)) {
    if (persona.kind === 'person') {
      persons.push(personEntry(login, persona));
      continue;
    }
    const { kty, crv, x, y, kid, use, alg } = await ensureKey(keyFile(dataDir, persona.clientId));
    clients.push({
      kind: 'backend',
      clientId: persona.clientId,
      ...affiliation(persona),
      jwks: { keys: [{ kty, crv, x, y, kid, use, alg }] },
    });
  }
  writeIfChanged(
    join(dataDir, 'directory.json'),
    `${JSON.stringify({ clients, persons }, undefined, 2)}\n`,
  );
}

/** @throws TokenError when the persona's client has no key yet */
export function readKey(dataDir: string, clientId: string): JWK {
  const path = keyFile(dataDir, clientId);
  const key = readJson(path);
  if (key === undefined)
    throw new TokenError(
      `There is no key of ${clientId} (${path}). Start the servers first: npm start`,
    );
  return key;
}

function personEntry(login: string, persona: PersonPersona): object {
  const { practitioner, patient } = persona;
  return {
    login,
    ...affiliation(persona),
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(patient === undefined ? {} : { patient }),
  };
}

function affiliation({ name, role, msp, organization, scopes, purposes }: Persona): object {
  return { name, role, msp, organization, scopes, purposes };
}

function keyFile(dataDir: string, clientId: string): string {
  return join(dataDir, 'personas', `${clientId}.jwk.json`);
}

async function ensureKey(path: string): Promise<JWK> {
  const known = readJson(path);
  if (known !== undefined) return known;
  const key = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const jwk: JWK = { ...key.export({ format: 'jwk' }), alg: 'ES384', use: 'sig' };
  const named = { ...jwk, kid: await calculateJwkThumbprint(jwk) };
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(named), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
    return named;
  } catch (error) {
    const winner = readJson(path);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    rmSync(draft);
  }
}

function readJson(path: string): JWK | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JWK;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeIfChanged(path: string, text: string): void {
  let present: string | undefined;
  try {
    present = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (present === text) return;
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}
