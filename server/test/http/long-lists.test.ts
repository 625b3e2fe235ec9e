import assert from 'node:assert/strict';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type TestApp } from '../support/app.ts';

const FORM = 'application/x-www-form-urlencoded';
const uuid = (i: number): string => `0f6f1c2e-5d1b-4b69-9a55-${String(i).padStart(12, '0')}`;
const longest = (i: number): string => `${'x'.repeat(60)}${String(i).padStart(4, '0')}`;
const list = (count: number, id: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => id(i)).join();

interface Page {
  readonly entry?: readonly { readonly resource: { readonly id: string } }[];
  readonly link: readonly { readonly relation: string; readonly url: string }[];
}
const idsOf = ({ entry = [] }: Page): string[] => entry.map(({ resource: { id } }) => id);

let server: TestApp;
let port = 0;
beforeAll(async () => {
  server = await startApp();
  for (const id of [uuid(0), uuid(349), longest(0), longest(300), longest(511)]) {
    const body = JSON.stringify({ resourceType: 'Basic', id, code: { text: 'x' } });
    assert.equal((await server.ask(people.ehr, 'PUT', `Basic/${id}`, { body })).status, 201);
  }
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  port = (server.app.server.address() as AddressInfo).port;
});
afterAll(() => server.close());

const post = (path: string, body: string) =>
  server.ask(people.ehr, 'POST', path, { body, headers: { 'content-type': FORM } });

/** Over the wire, where the length of the request line and the headers is bound. */
async function wire(path: string): Promise<{ readonly status: number; readonly page: Page }> {
  const headers = { authorization: `Bearer ${await server.token(people.ehr)}` };
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: `/fhir/${path}`, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          page: JSON.parse(Buffer.concat(parts).toString('utf8')) as Page,
        }),
      );
    }).on('error', reject);
  });
}

describe('a long list of ids', () => {
  it('may be asked for by GET and by POST: 60, 350, 512', async () => {
    for (const count of [60, 350, 512]) {
      const found = count > 349 ? [uuid(0), uuid(349)] : [uuid(0)];
      const { status, page } = await wire(`Basic?_id=${list(count, uuid)}`);
      assert.equal(status, 200, JSON.stringify(page).slice(0, 300));
      assert.deepEqual(idsOf(page), found);
      for (const path of ['Basic/_search', 'Basic/_search?_count=10&_elements=code']) {
        const posted = await post(path, `_elements=code&_id=${list(count, uuid)}`);
        assert.equal(posted.status, 200, posted.text.slice(0, 300));
        assert.deepEqual(idsOf(posted.json() as unknown as Page), found);
      }
    }
  });

  it('has pages whose links can be followed, however long the ids', async () => {
    const first = await post('Basic/_search', `_count=1&_id=${list(512, longest)}`);
    assert.equal(first.status, 200, first.text.slice(0, 300));
    let page = first.json() as unknown as Page;
    const seen = idsOf(page);
    for (;;) {
      const next = page.link.find(({ relation }) => relation === 'next');
      if (next === undefined) break;
      assert.ok(next.url.startsWith(`${BASE}/`));
      const answer = await wire(next.url.slice(BASE.length + 1));
      assert.equal(answer.status, 200, JSON.stringify(answer.page).slice(0, 300));
      page = answer.page;
      seen.push(...idsOf(page));
    }
    assert.deepEqual(seen.sort(), [longest(0), longest(300), longest(511)]);
  });

  it('of more than 512 is refused by its number', async () => {
    for (const count of [513, 2_098]) {
      const answer = await post('Basic/_search', `_id=${list(count, uuid)}`);
      assert.equal(answer.status, 400, answer.text.slice(0, 300));
      assert.match(answer.text, /too-costly.*http\._id/);
    }
    assert.match((await post('Basic/_search', `_id=${list(513, uuid)}`)).text, /over 512 values/);
  });
});
