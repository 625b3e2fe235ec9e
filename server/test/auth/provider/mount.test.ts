import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { mountProvider } from '../../../src/auth/provider/mount.ts';
import { createProvider, type AuthorizationServer } from '../../../src/auth/provider/provider.ts';
import { openSqliteState } from '../../../src/auth/provider/state/sqlite/sqlite-state.ts';
import { smartConfiguration } from '../../../src/auth/smart-configuration.ts';
import { createTokenVerifier } from '../../../src/auth/token.ts';
import { assertion, directory, requestToken } from '../support/authority.ts';

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('the provider beside a FHIR server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  let app: FastifyInstance;
  let provider: AuthorizationServer;
  let origin: string;
  const state = openSqliteState(
    { stateFile: join(folder, 'state.sqlite'), keysFile: join(folder, 'keys.json') },
    Date.now,
  );
  const create = (onError: (error: Error) => void = assert.ifError): Promise<AuthorizationServer> =>
    createProvider({
      issuer: `${origin}/auth`,
      audience: `${origin}/fhir`,
      directory,
      state,
      development: true,
      clock: Date.now,
      onError,
    });
  beforeAll(async () => {
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    provider = await create();
    app = Fastify();
    app.removeAllContentTypeParsers();
    mountProvider(app, provider);
    app.get('/fhir/metadata', () => ({ resourceType: 'CapabilityStatement' }));
    await app.listen({ port, host: '127.0.0.1' });
  });
  afterAll(async () => {
    await app.close();
    await state.close();
    rmSync(folder, { recursive: true });
  });

  it('shares the port', async () => {
    const issuer = `${origin}/auth`;
    const answer = await requestToken(issuer, await assertion(issuer));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const verifier = createTokenVerifier({
      issuer,
      audience: `${origin}/fhir`,
      keys: { jwks: provider.publicKeys },
      clock: Date.now,
    });
    const principal = await verifier.verify(`Bearer ${String(answer.body['access_token'])}`);
    assert.equal(principal.role, 'pharmacist');
    const metadata = await fetch(`${origin}/fhir/metadata`);
    assert.equal(metadata.status, 200);
    assert.equal((await fetch(`${origin}/authorize`)).status, 404);
    assert.equal((await fetch(`${issuer}/nothing`)).status, 404);
  });

  it('is discovered, and both documents promise the same addresses', async () => {
    const issuer = `${origin}/auth`;
    const smart = smartConfiguration({ issuer, persons: true });
    const response = await fetch(`${issuer}/.well-known/openid-configuration`);
    const openid = (await response.json()) as Record<string, unknown>;
    for (const name of [
      ...[
        'issuer',
        'jwks_uri',
        'authorization_endpoint',
        'token_endpoint',
        'introspection_endpoint',
      ],
      ...['code_challenge_methods_supported', 'response_types_supported'],
    ]) {
      assert.deepEqual(openid[name], smart[name], name);
    }
    for (const name of ['token_endpoint_auth_methods_supported', 'grant_types_supported']) {
      assert.deepEqual([openid[name]].flat().sort(), [smart[name]].flat().sort(), name);
    }
    assert.deepEqual([openid['token_endpoint_auth_signing_alg_values_supported']].flat().sort(), [
      'ES384',
      'RS384',
    ]);
    assert.deepEqual(openid['id_token_signing_alg_values_supported'], ['ES256', 'RS256']);
    assert.equal(openid['userinfo_endpoint'], undefined);
  });

  it('makes its addresses from the issuer, whatever Host a request names', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const headers = {
        host: 'elsewhere.example',
        'x-forwarded-host': 'elsewhere.example',
        'x-forwarded-proto': 'https',
      };
      get(`${origin}/auth/.well-known/openid-configuration`, { headers }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve(body));
      }).on('error', reject);
    });
    assert.doesNotMatch(text, /elsewhere|https:/);
    assert.ok(text.includes(`${origin}/auth/token`));
  });

  it('allows browsers of registered apps only', async () => {
    const preflight = async (origin_: string): Promise<string | null> => {
      const response = await fetch(`${origin}/auth/token`, {
        method: 'POST',
        headers: { origin: origin_ },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: 'app',
          code: 'x',
        }),
      });
      return response.headers.get('access-control-allow-origin');
    };
    assert.equal(await preflight('http://127.0.0.1:1'), 'http://127.0.0.1:1');
    assert.equal(await preflight('https://elsewhere.example'), null);
  });

  it('refuses keys that others may read', async () => {
    const path = join(folder, 'keys.json');
    chmodSync(path, 0o644);
    await assert.rejects(create(), /can be read by others/);
    chmodSync(path, 0o600);
    await create();
  });

  it('promises backend services only where nobody can log in', () => {
    const smart = smartConfiguration({ issuer: 'https://x.example/auth', persons: false });
    assert.equal(smart['authorization_endpoint'], undefined);
    assert.deepEqual(smart['grant_types_supported'], ['client_credentials']);
    assert.deepEqual(smart['capabilities'], [
      'client-confidential-asymmetric',
      'permission-v1',
      'permission-v2',
    ]);
    assert.deepEqual(smart['code_challenge_methods_supported'], ['S256']);
  });
});
