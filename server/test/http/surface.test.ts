import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { brotliDecompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { people, startApp, type TestApp } from '../support/app.ts';

const PATIENT = '{"resourceType":"Patient","id":"a","active":true}';
const FHIR = 'application/fhir+json';

describe('the HTTP of the API', () => {
  let server: TestApp;
  let authorization = '';
  beforeAll(async () => {
    server = await startApp({ CHARTSEAL_CORS_ORIGINS: 'https://portal.test, https://app.test/' });
    authorization = `Bearer ${await server.token(people.ehr)}`;
    await server.ask(people.ehr, 'PUT', 'Patient/a', { body: PATIENT });
  });
  afterAll(() => server.close());

  const inject = (
    method: NonNullable<InjectOptions['method']>,
    path: string,
    more: { readonly headers?: Record<string, string>; readonly payload?: string | Buffer } = {},
  ): Promise<LightMyRequestResponse> =>
    server.app.inject({
      method,
      url: `/fhir/${path}`,
      ...more,
      headers: { authorization, ...more.headers },
    });
  const put = (id: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
    inject('PUT', `Patient/${id}`, {
      payload: PATIENT.replace('"a"', JSON.stringify(id)),
      headers: { 'content-type': FHIR, ...headers },
    });

  describe('headers', () => {
    it('HEAD answers as GET does, without the body', async () => {
      for (const path of ['Patient/a', 'Patient?_id=a', 'Patient/a/_history', 'metadata']) {
        const got = await inject('GET', path);
        const head = await inject('HEAD', path);
        assert.equal(head.statusCode, 200, path);
        assert.equal(head.body, '');
        assert.equal(head.headers['content-type'], got.headers['content-type']);
        assert.equal(head.headers['etag'], got.headers['etag']);
        assert.ok(Number(head.headers['content-length']) > 0, path);
      }
      assert.equal((await inject('HEAD', 'Patient/none')).statusCode, 404);
    });

    it('every answer is safe to show and names its request', async () => {
      for (const path of ['Patient/a', 'Patient/none', 'metadata', 'no/such/thing/at/all']) {
        const { headers } = await inject('GET', path, { headers: { 'x-request-id': 'lab-7/1' } });
        assert.equal(headers['x-content-type-options'], 'nosniff', path);
        assert.equal(headers['cache-control'], 'no-store', path);
        assert.equal(headers['x-request-id'], 'lab-7/1', path);
        assert.match(String(headers['content-security-policy']), /default-src 'none'/);
      }
      const own = await inject('GET', 'Patient/a', { headers: { 'x-request-id': 'a b\u00e9' } });
      assert.match(String(own.headers['x-request-id']), /^[0-9a-f-]{36}$/);
    });

    it('versions are named the same way by every interaction', async () => {
      const made = await put('v');
      assert.equal(made.statusCode, 201);
      assert.match(String(made.headers['location']), /\/fhir\/Patient\/v\/_history\/1$/);
      assert.equal(made.headers['etag'], 'W/"1"');
      assert.ok(!Number.isNaN(Date.parse(String(made.headers['last-modified']))));
      const read = await inject('GET', 'Patient/v', { headers: { 'if-none-match': 'W/"1"' } });
      assert.equal(read.statusCode, 304);
      assert.equal(read.headers['etag'], 'W/"1"');
      assert.equal(read.body, '');
      const since = String(made.headers['last-modified']);
      const later = await inject('GET', 'Patient/v', { headers: { 'if-modified-since': since } });
      assert.equal(later.statusCode, 304);
      const changed = await put('v', { 'if-match': 'W/"1"' });
      assert.equal(changed.statusCode, 200);
      assert.equal(changed.headers['etag'], 'W/"2"');
      assert.equal((await put('v', { 'if-match': 'W/"1"' })).statusCode, 412);
      const gone = await inject('DELETE', 'Patient/v', { headers: { 'if-match': 'W/"2"' } });
      assert.equal(gone.statusCode, 204);
      assert.equal(gone.headers['etag'], 'W/"3"');
    });
  });

  describe('methods', () => {
    for (const [method, path, allow] of [
      ['POST', 'Patient/a', 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS'],
      ['PUT', 'Patient/_search', 'POST'],
      ['PUT', 'Patient/_nothing', undefined],
      ['DELETE', 'Patient/a/_history/1', 'GET'],
      ['PATCH', 'Patient/a/_history', 'GET'],
      ['POST', 'metadata/x/y/z/w', undefined],
      // HTTP's newest: the framework knows it and wants to know what is in its body.
      ['QUERY', 'Patient', 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS'],
      ['QUERY', 'metadata/x/y/z/w', undefined],
    ] as const) {
      it(`${method} ${path} is ${allow === undefined ? 404 : 405}`, async () => {
        const answer = await inject(method, path);
        assert.equal(answer.statusCode, allow === undefined ? 404 : 405, answer.body);
        assert.match(answer.body, /"resourceType":"OperationOutcome"/);
        const methods = (answer.headers['allow'] ?? '').split(', ');
        for (const each of allow?.split(', ') ?? []) assert.ok(methods.includes(each), each);
        assert.ok(!methods.includes(method));
      });
    }

    it('OPTIONS tells them', async () => {
      const answer = await inject('OPTIONS', 'Patient/a');
      assert.equal(answer.statusCode, 204);
      for (const each of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
        assert.ok(String(answer.headers['allow']).split(', ').includes(each), each);
      }
    });
  });

  describe('other origins', () => {
    const preflight = (origin: string): Promise<LightMyRequestResponse> =>
      server.app.inject({
        method: 'OPTIONS',
        url: '/fhir/Patient/a',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'authorization,if-match',
        },
      });

    it('those that are named may ask and read', async () => {
      for (const origin of ['https://portal.test', 'https://app.test']) {
        const { statusCode, headers } = await preflight(origin);
        assert.equal(statusCode, 204);
        assert.equal(headers['access-control-allow-origin'], origin);
        assert.match(String(headers['access-control-allow-methods']), /PATCH/);
        assert.match(String(headers['access-control-allow-headers']), /If-Match/i);
        assert.equal(headers['access-control-allow-credentials'], undefined);
      }
      for (const path of ['Patient/a', 'Patient/none', 'nothing/at/all/here']) {
        const { headers } = await inject('GET', path, {
          headers: { origin: 'https://portal.test' },
        });
        assert.equal(headers['access-control-allow-origin'], 'https://portal.test', path);
        assert.match(String(headers['access-control-expose-headers']), /ETag/);
        assert.match(String(headers['access-control-expose-headers']), /Content-Location/);
        assert.match(String(headers['vary']), /\bOrigin\b/);
        assert.match(String(headers['vary']), /\bAccept\b/);
      }
    });

    it('others may not', async () => {
      for (const answer of [
        await preflight('https://evil.test'),
        await inject('GET', 'Patient/a', { headers: { origin: 'https://evil.test' } }),
      ]) {
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
      }
    });
  });

  describe('compression', () => {
    it('of answers', async () => {
      const plain = (await inject('GET', 'metadata')).body;
      const open = { gzip: gunzipSync, br: brotliDecompressSync };
      for (const [encoding, inflate] of Object.entries(open)) {
        const answer = await inject('GET', 'metadata', {
          headers: { 'accept-encoding': encoding },
        });
        assert.equal(answer.headers['content-encoding'], encoding);
        assert.match(String(answer.headers['vary']), /accept-encoding/i);
        assert.match(String(answer.headers['vary']), /\baccept\b(?!-)/i);
        assert.ok(answer.rawPayload.length < plain.length / 4);
        assert.equal(inflate(answer.rawPayload).toString(), plain);
      }
      const xml = await inject('GET', 'metadata?_format=xml', {
        headers: { 'accept-encoding': 'gzip' },
      });
      assert.match(gunzipSync(xml.rawPayload).toString(), /<CapabilityStatement/);
      const small = await inject('GET', 'Patient/a', { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(small.headers['content-encoding'], undefined);
    });

    it('of requests', async () => {
      for (const [encoding, payload] of [
        ['gzip', gzipSync(PATIENT)],
        ['deflate', deflateSync(PATIENT)],
      ] as const) {
        const headers = { 'content-type': FHIR, 'content-encoding': encoding };
        const answer = await inject('PUT', 'Patient/a', { payload, headers });
        assert.equal(answer.statusCode, 200, answer.body);
        assert.match(answer.body, /"active":true/);
      }
    });

    it('that is broken, unknown or swells beyond the limit is refused', async () => {
      for (const [encoding, payload, status] of [
        ['gzip', Buffer.from(PATIENT), 400],
        ['compress', Buffer.from(PATIENT), 415],
        ['gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20)), 413],
      ] as const) {
        const headers = { 'content-type': FHIR, 'content-encoding': encoding };
        const answer = await inject('PUT', 'Patient/a', { payload, headers });
        assert.equal(answer.statusCode, status, answer.body);
        assert.match(answer.body, /OperationOutcome/);
      }
    });
  });

  describe('Prefer', () => {
    const CASES: readonly (readonly [prefer: string, body: RegExp])[] = [
      ['', /"resourceType":"Patient"/],
      ['return=representation', /"resourceType":"Patient"/],
      ['return=minimal', /^$/],
      ['handling=strict, return=minimal', /^$/],
      ['return=OperationOutcome', /"resourceType":"OperationOutcome"/],
    ];
    for (const [prefer, body] of CASES) {
      it(`"${prefer}" of a create, an update and a patch`, async () => {
        const json = { 'content-type': FHIR, prefer };
        for (const answer of [
          await inject('POST', 'Patient', { payload: '{"resourceType":"Patient"}', headers: json }),
          await put('p', { prefer }),
          await inject('PATCH', 'Patient/a', {
            payload: '[{"op":"replace","path":"/active","value":true}]',
            headers: { 'content-type': 'application/json-patch+json', prefer },
          }),
        ]) {
          assert.ok(answer.statusCode === 200 || answer.statusCode === 201, answer.body);
          assert.match(answer.body, body);
          assert.match(String(answer.headers['etag']), /^W\//);
          assert.match(
            String(answer.headers['preference-applied'] ?? ''),
            prefer.includes('return') ? /^return=/ : /^$/,
          );
        }
      });
    }

    it('of a delete', async () => {
      await put('d');
      const headers = { prefer: 'return=OperationOutcome' };
      const answer = await inject('DELETE', 'Patient/d', { headers });
      assert.equal(answer.statusCode, 200);
      assert.match(answer.body, /OperationOutcome/);
    });

    it('of the entries of a Bundle', async () => {
      const bundle = JSON.stringify({
        resourceType: 'Bundle',
        type: 'batch',
        entry: [
          {
            resource: { resourceType: 'Patient', id: 'e' },
            request: { method: 'PUT', url: 'Patient/e' },
          },
          { request: { method: 'GET', url: 'Patient/e' } },
        ],
      });
      for (const [prefer, resource, outcome] of [
        ['', false, false],
        ['return=minimal', false, false],
        ['return=representation', true, false],
        ['return=OperationOutcome', false, true],
      ] as const) {
        const answer = await inject('POST', '', {
          payload: bundle,
          headers: { 'content-type': FHIR, prefer },
        });
        const { entry } = answer.json<{
          entry: { resource?: unknown; response: { outcome?: unknown } }[];
        }>();
        assert.equal(entry[0]?.resource !== undefined, resource, prefer);
        assert.equal(entry[0]?.response.outcome !== undefined, outcome, prefer);
        assert.notEqual(entry[1]?.resource, undefined, answer.body);
        assert.equal(entry[1]?.response.outcome, undefined);
      }
    });

    it('says nothing of reads', async () => {
      const headers = { prefer: 'return=minimal' };
      assert.match((await inject('GET', 'Patient/a', { headers })).body, /"Patient"/);
      assert.match((await inject('GET', 'Patient?_id=a', { headers })).body, /"Bundle"/);
    });
  });
});
