import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { inPieces, wholeReply, type ByteStream } from '../../src/access/reply.ts';
import { send } from '../../src/http/reply.ts';
import { transfer } from '../../src/http/transfer.ts';

const KB = 1024;

/** Counts how far it was read, and whether it was left. */
class Source implements ByteStream {
  readonly bytes?: number;
  taken = 0;
  left = false;
  readonly #pieces: number;
  readonly #fails: boolean;

  constructor(pieces: number, more: { readonly bytes?: number; readonly fails?: true } = {}) {
    this.#pieces = pieces;
    this.#fails = more.fails === true;
    if (more.bytes !== undefined) this.bytes = more.bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    try {
      for (; this.taken < this.#pieces; this.taken += 1) {
        yield await Promise.resolve(Buffer.alloc(64 * KB, this.taken));
      }
      if (this.#fails) throw new Error('the source is broken');
    } finally {
      this.left = true;
    }
  }
}

async function untilLeft(source: Source): Promise<void> {
  for (let i = 0; !source.left && i < 200; i += 1) await pause(10);
  assert.equal(source.left, true);
}

describe('a reply that passes in pieces', () => {
  let app: FastifyInstance;
  let port: number;
  let source: ByteStream;
  let contentType = 'image/png';
  beforeAll(async () => {
    app = Fastify();
    await transfer(app, { origins: [] });
    app.get('/', (_request, reply) =>
      send(reply, { status: 200, body: source, contentType }, { base: '' }),
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  afterAll(() => app.close());

  const ask = async (headers: Record<string, string> = {}): Promise<IncomingMessage> => {
    const [response] = (await once(
      get({ port, host: '127.0.0.1', agent: false, headers }),
      'response',
    )) as [IncomingMessage];
    return response;
  };
  const bodyOf = async (response: IncomingMessage): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>));

  it('comes as it is, with its length where that is known', async () => {
    source = new Source(5, { bytes: 5 * 64 * KB });
    const known = await ask();
    assert.equal(known.headers['content-length'], String(5 * 64 * KB));
    const expected = Buffer.concat(await Array.fromAsync(new Source(5)));
    assert.ok((await bodyOf(known)).equals(expected));
    source = new Source(5);
    const unknown = await ask();
    assert.equal(unknown.headers['content-length'], undefined);
    assert.equal(unknown.headers['transfer-encoding'], 'chunked');
    assert.ok((await bodyOf(unknown)).equals(expected));
  });

  it('waits for a client that is slow', async () => {
    const slow = new Source(2_000);
    source = slow;
    const response = await ask();
    response.pause();
    let ahead = -1;
    while (ahead !== slow.taken) {
      ahead = slow.taken;
      await pause(200);
    }
    // What the kernel and both processes hold of 125 MB.
    assert.ok(ahead < 400, `${ahead} pieces were read for a client that reads none`);
    assert.equal((await bodyOf(response)).length, 2_000 * 64 * KB);
    assert.equal(slow.left, true);
  });

  it('is left when the client goes away', async () => {
    const endless = new Source(Infinity);
    source = endless;
    const response = await ask();
    await once(response, 'data');
    assert.equal(endless.left, false);
    response.destroy();
    await untilLeft(endless);
    const { taken } = endless;
    await pause(50);
    assert.equal(endless.taken, taken);
    source = new Source(1);
    assert.equal((await bodyOf(await ask())).length, 64 * KB);
  });

  it('breaks the connection when it breaks, or is not as long as it says', async () => {
    for (const [broken, declared] of [
      [new Source(3, { fails: true }), undefined],
      [new Source(3, { bytes: 10 }), '10'],
      [new Source(3, { bytes: 4 * 64 * KB }), String(4 * 64 * KB)],
    ] as const) {
      source = broken;
      await assert.rejects(async () => {
        const response = await ask();
        assert.equal(response.headers['content-length'], declared);
        await bodyOf(response);
      });
      assert.equal(broken.left, true);
    }
  });

  it('is not read for a HEAD, which tells its length', async () => {
    const unread = new Source(5, { bytes: 5 * 64 * KB });
    source = unread;
    const asking = request({ port, host: '127.0.0.1', method: 'HEAD', agent: false }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    assert.equal(response.headers['content-length'], String(5 * 64 * KB));
    assert.equal((await bodyOf(response)).length, 0);
    assert.equal(unread.taken, 0);
  });

  it('is compressed like any other, and waits for a slow client then too', async () => {
    contentType = 'text/plain';
    source = new Source(20, { bytes: 20 * 64 * KB });
    const response = await ask({ 'accept-encoding': 'gzip' });
    assert.equal(response.headers['content-encoding'], 'gzip');
    assert.equal(response.headers['content-length'], undefined);
    const expected = Buffer.concat(await Array.fromAsync(new Source(20)));
    assert.ok(gunzipSync(await bodyOf(response)).equals(expected));
    const endless = new Source(Infinity);
    source = endless;
    const left = await ask({ 'accept-encoding': 'gzip' });
    await once(left, 'data');
    left.destroy();
    await untilLeft(endless);
    contentType = 'image/png';
  });
});

describe('a reply that is to be held', () => {
  it('is put together', async () => {
    const body = inPieces([Buffer.from('a'), Buffer.from('bc')], 3);
    assert.equal(body.bytes, 3);
    const { body: whole, ...rest } = await wholeReply({ status: 200, body });
    assert.deepEqual([String(whole), rest], ['abc', { status: 200 }]);
    assert.deepEqual(await wholeReply({ status: 204 }), { status: 204 });
    assert.deepEqual(await wholeReply({ status: 200, body: 'x' }), { status: 200, body: 'x' });
  });

  it('has its pieces made one by one, each when it is asked for, with turns for others between', async () => {
    let made = 0;
    const making = function* (): Generator<Uint8Array> {
      for (; made < 3; made += 1) yield Buffer.from([made]);
    };
    const all = inPieces(making(), 3)[Symbol.asyncIterator]();
    assert.equal(made, 0);
    assert.deepEqual((await all.next()).value, Buffer.from([0]));
    assert.equal(made, 0);
    let othersTurn = false;
    setImmediate(() => (othersTurn = true));
    assert.deepEqual((await all.next()).value, Buffer.from([1]));
    assert.deepEqual([made, othersTurn], [1, true]);
    await all.return?.();
    assert.equal((await all.next()).done, true);
    assert.equal(made, 1);
  });
});
