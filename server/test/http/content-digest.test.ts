import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../support/app.ts';

const CONTENT = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0x0d, 0x0a]);
const OTHER = Buffer.from('something else');
const digest = (bytes: Uint8Array, algorithm: 'sha-256' | 'sha-512' = 'sha-256'): string =>
  `${algorithm}=:${createHash(algorithm.replace('-', '')).update(bytes).digest('base64')}:`;

describe('Content-Digest of what is uploaded to Binary', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());

  const send = async (
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    more: { readonly payload?: Buffer; readonly headers?: Record<string, string> } = {},
  ) =>
    server.app.inject({
      ...{ method, url: `/fhir/${path}`, ...more },
      headers: { authorization: `Bearer ${await server.token(people.ehr)}`, ...more.headers },
    });
  let made = 0;
  const newId = (): string => `d${(made += 1)}`;
  const upload = (id: string, said: string | undefined, more: Record<string, string> = {}) => {
    const headers = { 'content-type': 'image/png', ...more };
    const digested = said === undefined ? headers : { ...headers, 'content-digest': said };
    return send('PUT', `Binary/${id}`, { payload: CONTENT, headers: digested });
  };

  it('that is true lets it in, in any form that the header may have', async () => {
    for (const said of [
      undefined,
      '',
      digest(CONTENT),
      digest(CONTENT, 'sha-512'),
      `${digest(CONTENT, 'sha-512')}, ${digest(CONTENT)}`,
      `${digest(CONTENT)};of=content; a`,
      // Of two under one name the last counts (RFC 8941).
      `${digest(OTHER)},\t${digest(CONTENT)}`,
      // What nobody asks to be checked, or in no way that is of use, is passed over.
      `md5=:${createHash('md5').update(OTHER).digest('base64')}:`,
      `unixsum=:AAA=:, ${digest(CONTENT)}`,
    ]) {
      const id = newId();
      const answer = await upload(id, said);
      assert.equal(answer.statusCode, 201, `${said} ${answer.body}`);
      const read = await send('GET', `Binary/${id}`);
      assert.ok(read.rawPayload.equals(CONTENT));
    }
  });

  it('that is not true, or cannot be read, is refused, and nothing is kept', async () => {
    for (const [said, problem] of [
      [digest(OTHER), /not what Content-Digest says/],
      [digest(OTHER, 'sha-512'), /not what Content-Digest says/],
      [`${digest(CONTENT)}, ${digest(OTHER, 'sha-512')}`, /not what Content-Digest says/],
      [`${digest(CONTENT)}, ${digest(OTHER)}`, /not what Content-Digest says/],
      [digest(CONTENT).replace(/:/g, ''), /must be written as/],
      [digest(CONTENT).replace(/:$/, ''), /must be written as/],
      [digest(CONTENT).replace('sha', 'SHA'), /must be written as/],
      [`${digest(CONTENT)},`, /must be written as/],
      ['sha-256=:AAAA:', /must be written as/],
      ['sha-256=::', /must be written as/],
      ['sha-256', /must be written as/],
      ['md5="x"', /must be written as/],
    ] as const) {
      const id = newId();
      const answer = await upload(id, said);
      assert.equal(answer.statusCode, 400, said);
      const { resourceType, issue } = answer.json<{
        resourceType: string;
        issue: [{ code: string; diagnostics: string; expression: string[] }];
      }>();
      assert.deepEqual(
        [resourceType, issue[0].code, issue[0].expression],
        ['OperationOutcome', 'invalid', ['http.Content-Digest']],
      );
      assert.match(issue[0].diagnostics, problem);
      assert.equal((await send('GET', `Binary/${id}`)).statusCode, 404);
      assert.equal((await upload(id, digest(CONTENT))).statusCode, 201);
    }
  });

  it('leaves what was there before as it was', async () => {
    const id = newId();
    assert.equal((await upload(id, digest(CONTENT))).statusCode, 201);
    const change = (said: string) =>
      send('PUT', `Binary/${id}`, {
        payload: OTHER,
        headers: { 'content-type': 'image/png', 'content-digest': said },
      });
    assert.equal((await change(digest(CONTENT))).statusCode, 400);
    const read = await send('GET', `Binary/${id}`);
    assert.deepEqual([read.headers['etag'], read.rawPayload.equals(CONTENT)], ['W/"1"', true]);
    assert.equal((await change(digest(OTHER))).headers['etag'], 'W/"2"');
  });

  it('is checked of what is created and of what already is a Binary, too', async () => {
    const resource = Buffer.from(JSON.stringify({ resourceType: 'Binary', contentType: 'a/b' }));
    for (const [type, payload] of [
      ['image/png', CONTENT],
      ['application/json', CONTENT],
      ['application/fhir+json', resource],
      [
        'application/fhir+xml',
        Buffer.from('<Binary xmlns="http://hl7.org/fhir"><contentType value="a/b"/></Binary>'),
      ],
    ] as const) {
      const create = (of: Uint8Array) => {
        const headers = { 'content-type': type, 'content-digest': digest(of) };
        return send('POST', 'Binary', { payload, headers });
      };
      assert.equal((await create(OTHER)).statusCode, 400, type);
      assert.equal((await create(payload)).statusCode, 201, type);
    }
  });

  it('is refused of compressed content, of which only the rest can be seen', async () => {
    const packed = gzipSync(CONTENT);
    const ask = (headers: Record<string, string>) =>
      send('PUT', `Binary/${newId()}`, {
        payload: packed,
        headers: { 'content-type': 'image/png', 'content-encoding': 'gzip', ...headers },
      });
    for (const whole of [packed, CONTENT]) {
      const answer = await ask({ 'content-digest': digest(whole) });
      assert.equal(answer.statusCode, 400);
      assert.match(answer.body, /without Content-Encoding.*http\.Content-Digest/);
    }
    assert.equal((await ask({})).statusCode, 201);
    assert.equal((await ask({ 'content-digest': 'md5=:AAAA:' })).statusCode, 201);
  });
});
