import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it } from '@jest/globals';
import { withoutCredentials } from '../../src/store/mongo/address.ts';
import { assertReachable } from '../../src/store/mongo/reachable.ts';

describe('a MongoDB that is not there', () => {
  it('is named without credentials, whatever they hold', () => {
    for (const [url, shown] of [
      ['mongodb://host/records', 'mongodb://host/records'],
      ['mongodb://nurse:secret@a:1,b:2/records?x=y', 'mongodb://a:1,b:2/records'],
      ['mongodb://nurse:se@cret@a/records', 'mongodb://a/records'],
      ['mongodb://nurse:sec/ret@a:1', 'mongodb://a:1'],
      ['mongodb://nurse:sec?ret@a:1/r', 'mongodb://a:1/r'],
      ['mongodb+srv://nurse:secret@cluster.example/r', 'mongodb+srv://cluster.example/r'],
      ['nurse:secret@a', 'a'],
    ] as const) {
      assert.equal(withoutCredentials(url), shown);
    }
  });

  it('is told of within three seconds, with the cause', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const cases = [
      ['127.0.0.1:1', /ECONNREFUSED 127\.0\.0\.1:1/],
      ['127.0.0.1:1,127.0.0.1:2', /127\.0\.0\.1:1.*127\.0\.0\.1:2/],
      ['nowhere.invalid', /nowhere\.invalid/],
      [`127.0.0.1:${port}`, /cannot be used: it does not answer$/],
      [`127.0.0.1:1,127.0.0.1:${port}`, /REFUSED 127\.0\.0\.1:1; .*it does not answer/],
      ['', /no address/],
      ['a:b:c', /no address/],
    ] as const;
    const asked = Promise.all(
      cases.map(async ([hosts, words]) => {
        const began = performance.now();
        await assert.rejects(
          assertReachable(`mongodb://nurse:secret@${hosts}/records`),
          ({ name, message }: Error) => {
            assert.equal(name, 'StoreUnavailable');
            assert.ok(message.startsWith(`MongoDB at mongodb://${hosts}/records cannot`), message);
            assert.match(message, words);
            assert.doesNotMatch(message, /secret|nurse/);
            return true;
          },
        );
        const took = performance.now() - began;
        assert.ok(took < 3_000, `${hosts}: ${took} ms`);
      }),
    );
    await asked.finally(() => mute.close());
  });
});
