import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type TestApp } from '../../support/app.ts';
import { observation, patient } from '../../support/clinical-samples.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const resource of [
    patient('a', 'Ant'),
    patient('b', 'Bee'),
    observation('oa', 'a', '1-1'),
    observation('ob', 'b', '1-1'),
  ]) {
    const path = `${resource.resourceType}/${resource.id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());

interface Entry {
  readonly response: { readonly status: string; readonly outcome?: unknown };
  readonly resource?: {
    readonly total?: number;
    readonly link: readonly { readonly url: string }[];
    readonly entry?: readonly { readonly resource: { readonly id: string } }[];
  };
}

async function ask(type: 'batch' | 'transaction', method: string, url: string): Promise<Entry> {
  const request = { method, url };
  const resource = method === 'GET' ? {} : { resource: patient('a', 'Ant') };
  const body = JSON.stringify({ resourceType: 'Bundle', type, entry: [{ request, ...resource }] });
  const answer = await server.ask(people.ehr, 'POST', '', { body });
  if (answer.status !== 200) return { response: { status: String(answer.status) } };
  return (answer.json() as { readonly entry: readonly [Entry] }).entry[0];
}

describe('searches in a Bundle', () => {
  for (const [url, ids, self] of [
    ['Patient?family=ant', 'a', 'Patient?family=ant'],
    ['?_type=Patient,Observation&_id=a,ob', 'ob a', '?_type=Observation,Patient&_id=a,ob'],
    ['/?_type=Patient&family=ant', 'a', '?_type=Patient&family=ant'],
    [`${BASE}?_type=Patient&family=bee`, 'b', '?_type=Patient&family=bee'],
    ['Patient/a/Observation', 'oa', 'Patient/a/Observation'],
    ['Patient/a/Observation?code=1-1', 'oa', 'Patient/a/Observation?code=1-1'],
    ['Patient/b/*', 'ob b', 'Patient/b/*'],
    ['Patient/b/*?_type=Observation', 'ob', 'Patient/b/*?_type=Observation'],
  ] as const) {
    it(`GET ${url}`, async () => {
      for (const type of ['batch', 'transaction'] as const) {
        const { response, resource } = await ask(type, 'GET', url);
        assert.equal(response.status, '200 OK', JSON.stringify(response));
        assert.equal(resource?.entry?.map((each) => each.resource.id).join(' '), ids);
        assert.equal(resource.link[0]?.url.slice(BASE.length).replace(/^\//, ''), self);
      }
    });
  }

  for (const [method, url] of [
    ['GET', ''],
    ['GET', '?name=x'],
    ['GET', 'Group/x/Observation'],
    ['GET', 'Patient/a/Location'],
    ['GET', 'Patient/a/Foo'],
    ['GET', 'Patient/a/*/x'],
    ['PUT', '?_type=Patient'],
    ['POST', 'Patient/a/Observation'],
    ['PUT', 'Patient/a/Patient?family=ant'],
    ['POST', '?family=ant'],
  ] as const) {
    it(`refuse ${method} ${url}`, async () => {
      const { response } = await ask('batch', method, url);
      assert.match(response.status, /^4\d\d/);
    });
  }
});
