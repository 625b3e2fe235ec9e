import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
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

describe('a body of somebody unknown, over a real connection', () => {
  /** Sends the beginning of a body and no more; resolves with the status of the answer. */
  const begun = async (path: string, headers: Record<string, string>): Promise<number> => {
    const asking = request({
      ...{ port, host: '127.0.0.1', path: `/fhir/${path}`, method: 'POST', agent: false },
      headers: { 'content-type': 'application/fhir+json', 'content-length': '4000', ...headers },
    });
    asking.on('error', () => undefined);
    asking.write('{"resourceType":');
    const answered = once(asking, 'response').then(
      ([response]) => (response as IncomingMessage).statusCode ?? 0,
    );
    const status = await Promise.race([answered, pause(2_000, 0)]);
    asking.destroy();
    return status;
  };

  for (const path of ['', 'Patient', 'Binary', 'Patient/$validate', 'Patient/_search', '_search']) {
    it(`is not waited for: POST ${path}`, async () => {
      assert.equal(await begun(path, {}), 401);
      assert.equal(await begun(path, { authorization: 'Bearer x' }), 401);
    });
  }

  it('is waited for when the sender is known', async () => {
    const authorization = `Bearer ${await server.token(people.ehr)}`;
    assert.equal(await begun('Patient', { authorization }), 0);
  });
});
