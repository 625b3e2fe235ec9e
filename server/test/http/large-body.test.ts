import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../support/app.ts';

let server: TestApp;
let port: number;
beforeAll(async () => {
  server = await startApp({ CHARTSEAL_MAX_BODY: '4096' });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  port = (server.app.server.address() as AddressInfo).port;
});
afterAll(() => server.close());

describe('a body over the limit, over a real connection', () => {
  it('is answered with 413, however much the client is still sending', async () => {
    const authorization = `Bearer ${await server.token(people.ehr)}`;
    for (let i = 0; i < 20; i += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}/fhir/Patient`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/fhir+json' },
        body: Buffer.alloc(8 * 1024 * 1024, 32),
      });
      assert.equal(answer.status, 413);
      assert.match(await answer.text(), /larger/);
    }
  });
});
