import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';

const TOKEN = 'operators-0123456789-0123456789-0123';

async function withApp(
  environment: Record<string, string>,
  test: (server: TestApp) => Promise<void>,
): Promise<void> {
  const server = await startApp(environment);
  try {
    await test(server);
  } finally {
    await server.close();
  }
}

const answers = async ({ app }: TestApp, authorization?: string): Promise<readonly number[]> => {
  const headers = authorization === undefined ? {} : { authorization };
  const urls = ['/metrics', '/openapi.json', '/healthz', '/readyz', '/fhir/metadata'];
  return Promise.all(urls.map(async (url) => (await app.inject({ url, headers })).statusCode));
};

describe('what is for operators', () => {
  it('takes their token, and nothing else', () =>
    withApp({ CHARTSEAL_METRICS_TOKEN: TOKEN }, async (server) => {
      assert.deepEqual(await answers(server, `Bearer ${TOKEN}`), [200, 200, 200, 200, 200]);
      assert.deepEqual(await answers(server), [401, 401, 200, 200, 200]);
      for (const other of [`Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN, 'Bearer', 'Bearer  ']) {
        assert.deepEqual((await answers(server, other)).slice(0, 2), [401, 401], other);
      }
      const refused = await server.app.inject('/metrics');
      assert.match(String(refused.headers['www-authenticate']), /^Bearer /);
      assert.doesNotMatch(refused.body, /chartseal_/);
    }));

  it('is closed without a token, but in development', async () => {
    await withApp({ CHARTSEAL_DEVELOPMENT: 'false' }, async (server) => {
      assert.deepEqual(await answers(server), [401, 401, 200, 200, 200]);
      assert.deepEqual(await answers(server, 'Bearer undefined'), [401, 401, 200, 200, 200]);
    });
    await withApp({}, async (server) => {
      assert.deepEqual(await answers(server), [200, 200, 200, 200, 200]);
    });
  });
});
