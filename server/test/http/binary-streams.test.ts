import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { people, startApp, type TestApp } from '../support/app.ts';

const MB = 1024 * 1024;
const LIMIT = 4 * MB;

describe('content over a real connection', () => {
  let server: TestApp;
  let port: number;
  let authorization: string;
  beforeAll(async () => {
    server = await startApp({ CHARTSEAL_MAX_BODY: String(LIMIT) });
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    port = (server.app.server.address() as AddressInfo).port;
    authorization = `Bearer ${await server.token(people.ehr)}`;
  });
  afterAll(() => server.close());

  const begin = (
    method: string,
    id: string,
    headers: Record<string, string> = {},
  ): ClientRequest => {
    const asking = request({
      ...{ port, host: '127.0.0.1', path: `/fhir/Binary/${id}`, method, agent: false },
      headers: { authorization, ...headers },
    });
    asking.on('error', () => undefined);
    return asking;
  };
  const answerOf = async (asking: ClientRequest): Promise<IncomingMessage> => {
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return response;
  };
  const bodyOf = async (response: IncomingMessage): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>));
  const get = (id: string, headers?: Record<string, string>): Promise<IncomingMessage> =>
    answerOf(begin('GET', id, headers).end());
  const upload = async (
    id: string,
    content: Buffer,
    headers: Record<string, string> = {},
  ): Promise<number | undefined> => {
    const asking = begin('PUT', id, { 'content-type': 'image/png', ...headers });
    const response = await answerOf(asking.end(content));
    await bodyOf(response);
    return response.statusCode;
  };
  const isAbsent = async (id: string): Promise<boolean> => {
    const response = await get(id);
    response.resume();
    return response.statusCode === 404;
  };

  const content = randomBytes(3 * MB - 100_001);

  it('comes down as it went up, however it is asked for', async () => {
    assert.equal(await upload('a', content), 201);
    const whole = await get('a');
    assert.equal(whole.headers['content-length'], String(content.length));
    assert.equal(whole.headers['etag'], 'W/"1"');
    assert.ok((await bodyOf(whole)).equals(content));
    // There are no ranges of it.
    const range = await get('a', { range: 'bytes=0-9' });
    assert.equal(range.statusCode, 200);
    assert.ok((await bodyOf(range)).equals(content));
    const same = await get('a', { 'if-none-match': 'W/"1"' });
    assert.deepEqual([same.statusCode, (await bodyOf(same)).length], [304, 0]);
    const head = await answerOf(begin('HEAD', 'a').end());
    assert.equal(head.headers['content-length'], String(content.length));
    assert.equal((await bodyOf(head)).length, 0);
    const resource = await get('a', { accept: 'application/fhir+json' });
    const { data } = JSON.parse(String(await bodyOf(resource))) as { data: string };
    assert.ok(Buffer.from(data, 'base64').equals(content));
  });

  it('is compressed on the way down where its type can be', async () => {
    const text = Buffer.from('ab\n'.repeat(500_000));
    assert.equal(await upload('text', text, { 'content-type': 'text/plain' }), 201);
    const response = await get('text', { 'accept-encoding': 'gzip' });
    assert.equal(response.headers['content-encoding'], 'gzip');
    assert.ok(gunzipSync(await bodyOf(response)).equals(text));
    const small = Buffer.from('ab\n'.repeat(100));
    assert.equal(await upload('text', small, { 'content-type': 'text/plain' }), 200);
    const plain = await get('text', { 'accept-encoding': 'gzip' });
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.ok((await bodyOf(plain)).equals(small));
  });

  it('reaches clients that are slow, and others meanwhile', async () => {
    await upload('b', content);
    const slow = await get('b');
    slow.pause();
    await pause(100);
    assert.ok((await bodyOf(await get('b'))).equals(content));
    const hash = createHash('sha256');
    for await (const piece of slow as AsyncIterable<Buffer>) {
      hash.update(piece);
      await pause(2);
    }
    assert.deepEqual(hash.digest(), createHash('sha256').update(content).digest());
  });

  it('may be left midway', async () => {
    await upload('c', content);
    for (let i = 0; i < 5; i += 1) {
      const response = await get('c');
      await once(response, 'data');
      response.destroy();
    }
    assert.ok((await bodyOf(await get('c'))).equals(content));
  });

  it('goes up in small pieces, slowly, compressed or not', async () => {
    const asking = begin('PUT', 'd', { 'content-type': 'image/png' });
    for (let at = 0; at < 100_000; at += 9_999) {
      asking.write(content.subarray(at, Math.min(at + 9_999, 100_000)));
      await pause(2);
    }
    const response = await answerOf(asking.end());
    assert.equal(response.statusCode, 201, String(await bodyOf(response)));
    assert.ok((await bodyOf(await get('d'))).equals(content.subarray(0, 100_000)));
    const packed = gzipSync(content.subarray(0, 50_000));
    assert.equal(await upload('d', packed, { 'content-encoding': 'gzip' }), 200);
    assert.ok((await bodyOf(await get('d'))).equals(content.subarray(0, 50_000)));
    assert.equal(await upload('d', content.subarray(0, 9), { 'content-encoding': 'gzip' }), 400);
    assert.ok((await bodyOf(await get('d'))).equals(content.subarray(0, 50_000)));
  });

  it('of which the sender goes away midway is not kept', async () => {
    for (const [id, headers] of [
      ['e', { 'content-type': 'image/png', 'content-length': String(MB) }],
      ['f', { 'content-type': 'image/png' }],
      ['g', { 'content-type': 'application/json' }],
    ] as const) {
      const asking = begin('PUT', id, headers);
      asking.write(content.subarray(0, MB / 2));
      await pause(50);
      asking.destroy();
      await pause(100);
      assert.ok(await isAbsent(id), id);
      assert.equal(await upload(id, content.subarray(0, MB)), 201);
    }
  });

  it('over the limit is refused, and nothing is kept', async () => {
    const large = Buffer.alloc(LIMIT + 1, 7);
    const packed = gzipSync(large);
    const sent = async (headers: Record<string, string>, ...parts: Buffer[]): Promise<void> => {
      const asking = begin('PUT', 'h', { 'content-type': 'image/png', ...headers });
      const answered = answerOf(asking);
      for (const part of parts) {
        asking.write(part);
        await pause(20);
      }
      asking.end();
      const response = await answered;
      assert.equal(response.statusCode, 413);
      assert.match(String(await bodyOf(response)), /larger/);
    };
    await sent({ 'content-length': String(large.length) }, large);
    await sent({}, large.subarray(0, MB), large.subarray(MB));
    await sent({ 'content-encoding': 'gzip' }, packed);
    assert.ok(await isAbsent('h'));
    assert.equal(await upload('h', large.subarray(0, LIMIT - 2 * MB)), 201);
  });

  it('of somebody unknown is refused, however much is still being sent', async () => {
    const status = async (more: Record<string, string>): Promise<number | undefined> => {
      const asking = begin('PUT', 'i', { 'content-type': 'image/png', ...more });
      const response = await answerOf(asking.end(Buffer.alloc(3 * MB)));
      await bodyOf(response);
      return response.statusCode;
    };
    for (let i = 0; i < 5; i += 1) assert.equal(await status({ authorization: 'Bearer x' }), 401);
    assert.ok(await isAbsent('i'));
    assert.equal(await status({}), 201);
  });
});
