import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { bundlesOf, observation } from '../support/bundles.ts';

let server: TestApp;
before(async () => {
  server = await startApp();
  for (const id of ['a', 'b']) await put(`Patient/${id}`, { resourceType: 'Patient', id });
});
after(() => server.close());
const { get } = bundlesOf(() => server);

async function put(path: string, resource: object): Promise<string> {
  const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
  assert.ok(answer.status < 300, answer.text);
  return (answer.json() as { meta: { lastUpdated: string } }).meta.lastUpdated;
}

interface History {
  readonly type: string;
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly fullUrl: string;
    readonly resource?: { readonly id: string; readonly meta: { readonly versionId: string } };
    readonly request: { readonly method: string; readonly url: string };
    readonly response: { readonly status: string; readonly etag: string };
  }[];
}
function read(answer: Answer): History {
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as unknown as History;
}
const versions = (history: History): string[] =>
  (history.entry ?? []).map(
    ({ fullUrl, response }) =>
      `${fullUrl.split('/fhir/')[1] ?? ''}/${/\d+/.exec(response.etag)?.[0] ?? ''}`,
  );
const nextOf = (history: History): string | undefined =>
  history.link.find(({ relation }) => relation === 'next')?.url.split('/fhir/')[1];

async function pages(path: string, caller: Caller = people.ehr): Promise<History[]> {
  const found: History[] = [];
  for (let next: string | undefined = path; next !== undefined; next = nextOf(found.at(-1)!)) {
    found.push(read(await get(next, caller)));
    assert.ok(found.length < 100);
  }
  return found;
}
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the history of an instance', () => {
  it('says how each version came to be, newest first, page by page', async () => {
    const path = 'Observation/h1';
    const body = observation('Patient/a', { id: 'h1' });
    await put(path, body);
    await put(path, body);
    await server.ask(people.ehr, 'DELETE', path);
    await put(path, body);
    await server.ask(people.ehr, 'DELETE', path);
    const whole = read(await get(`${path}/_history`));
    assert.equal(whole.type, 'history');
    assert.equal(whole.total, 5);
    assert.deepEqual(
      whole.entry?.map(({ request, response, resource }) => [
        request.method,
        request.url,
        response.status.slice(0, 3),
        resource?.meta.versionId,
      ]),
      [
        ['DELETE', path, '204', undefined],
        ['PUT', path, '201', '4'],
        ['DELETE', path, '204', undefined],
        ['PUT', path, '200', '2'],
        ['PUT', path, '201', '1'],
      ],
    );
    const paged = await pages(`${path}/_history?_count=2`);
    assert.deepEqual(
      paged.map((page) => versions(page).length),
      [2, 2, 1],
    );
    assert.deepEqual(paged.flatMap(versions), versions(whole));
    assert.ok(paged.every(({ total }) => total === 5));
    assert.equal((await get(path)).status, 410);
    assert.equal((await get(`${path}/_history/3`)).status, 410);
    assert.equal((await get(`${path}/_history/4`)).status, 200);
  });

  it('gives what was written since a time, and what was current at one', async () => {
    const path = 'Observation/h2';
    const body = observation('Patient/a', { id: 'h2' });
    const times: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      times.push(await put(path, body));
      await wait(5);
    }
    const of = async (query: string) =>
      (await pages(`${path}/_history?${query}&_count=2`)).flatMap(versions).map((v) => v.slice(-1));
    assert.deepEqual(await of(`_since=${times[2]}`), ['4', '3']);
    assert.deepEqual(await of(`_since=${times[0]}`), ['4', '3', '2', '1']);
    assert.deepEqual(await of('_since=2100-01-01T00:00:00Z'), []);
    assert.deepEqual(await of(`_at=${times[1]}`), ['2']);
    assert.deepEqual(await of('_at=2100'), ['4']);
    assert.deepEqual(await of('_at=1999'), []);
    assert.deepEqual(await of(`_at=${times[0]?.slice(0, 10)}&_since=${times[1]}`), ['4', '3', '2']);
    assert.equal((await get('Observation/never/_history?_at=1999')).status, 404);
  });

  it('refuses what it does not know, naming it', async () => {
    for (const [query, name] of [
      ['_count=0', '_count'],
      ['_count=x', '_count'],
      ['_since=2026', '_since'],
      ['_since=2026-01-01T00:00:00Z&_since=2026-01-01T00:00:00Z', '_since'],
      ['_at=soon', '_at'],
      ['_sort=_lastUpdated', '_sort'],
      ['_list=x', '_list'],
      ['status=final', 'status'],
      ['_cursor=AAAA', '_cursor'],
    ]) {
      const refused = await get(`Observation/h1/_history?${query}`);
      assert.equal(refused.status, 400, `${query}: ${refused.text}`);
      const { issue } = refused.json() as { issue: { expression: string[] }[] };
      assert.deepEqual(issue[0]?.expression, [`http.${name}`]);
    }
    assert.equal((await get('Observation/h1/_history?_sort=-_lastUpdated')).status, 200);
  });

  it('has page links for one caller and one question only', async () => {
    const next = nextOf(read(await get('Observation/h1/_history?_count=2'))) ?? '';
    assert.equal((await get(next)).status, 200);
    assert.equal((await get(next, people.doctor)).status, 400);
    assert.equal((await get(next.replace('h1', 'h2'))).status, 400);
    assert.equal((await get(`${next}&_since=2020-01-01T00:00:00Z`)).status, 400);
    assert.equal((await get(next.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).status, 400);
  });
});
