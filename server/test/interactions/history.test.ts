import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { bundlesOf, entry, observation, responses, statuses } from '../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const id of ['a', 'b']) await put(`Patient/${id}`, { resourceType: 'Patient', id });
});
afterAll(() => server.close());
const { get, post } = bundlesOf(() => server);

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

describe('the history of a type and of the server', () => {
  const since = async (): Promise<string> => {
    await wait(5);
    return `_since=${new Date().toISOString()}`;
  };
  const secret = {
    meta: {
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
    },
  };

  it('is in the order of the commits, newest first, in pages that miss and repeat nothing', async () => {
    const from = await since();
    await put('Location/l1', { resourceType: 'Location', id: 'l1' });
    await put('Observation/l2', observation('Patient/a', { id: 'l2' }));
    await put('Location/l1', { resourceType: 'Location', id: 'l1', name: 'x' });
    await put('Location/l3', { resourceType: 'Location', id: 'l3' });
    await server.ask(people.ehr, 'DELETE', 'Location/l1');
    const expected = ['Location/l1/3', 'Location/l3/1', 'Location/l1/2', 'Location/l1/1'];
    const whole = read(await get(`Location/_history?${from}`));
    assert.equal(whole.type, 'history');
    assert.equal(whole.total, undefined);
    assert.deepEqual(versions(whole), expected);
    assert.deepEqual(
      whole.entry?.map(({ request, response, resource }) => [
        request.method,
        response.status.slice(0, 3),
        resource?.id,
      ]),
      [
        ['DELETE', '204', undefined],
        ['PUT', '201', 'l3'],
        ['PUT', '200', 'l1'],
        ['PUT', '201', 'l1'],
      ],
    );
    const paged = await pages(`Location/_history?${from}&_count=3`);
    assert.deepEqual(paged.map(versions), [expected.slice(0, 3), expected.slice(3)]);
    assert.deepEqual(versions(read(await get(`_history?${from}`))), [
      ...expected.slice(0, 3),
      'Observation/l2/1',
      ...expected.slice(3),
    ]);
    assert.deepEqual(versions(read(await get('Location/_history?_at=1999'))), []);
  });

  it('does not let newer versions into the pages that follow', async () => {
    const from = await since();
    for (const id of ['q1', 'q2', 'q3'])
      await put(`Location/${id}`, { resourceType: 'Location', id });
    const first = read(await get(`Location/_history?${from}&_count=2`));
    await put('Location/q1', { resourceType: 'Location', id: 'q1' });
    const second = read(await get(nextOf(first) ?? ''));
    assert.deepEqual(versions(second), ['Location/q1/1']);
    assert.equal(nextOf(second), undefined);
  });

  it('fills its pages with what the caller may see, and tells nothing of the rest', async () => {
    const from = await since();
    // By turns of a, of b, and of a but confidential, which only a herself may see.
    for (let i = 0; i < 9; i += 1) {
      const more = i % 3 === 2 ? secret : {};
      const body = observation(`Patient/${i % 3 === 1 ? 'b' : 'a'}`, { id: `n${i}`, ...more });
      await put(`Observation/n${i}`, body);
    }
    const shown = (...kinds: readonly number[]): string[] =>
      [8, 7, 6, 5, 4, 3, 2, 1, 0]
        .filter((i) => kinds.includes(i % 3))
        .map((i) => `Observation/n${i}/1`);
    const callers: [Caller, string[]][] = [
      [people.patientA, shown(0, 2)],
      [people.patientB, shown(1)],
      [people.doctor, shown(0, 1)],
      [people.pharmacist, []],
    ];
    for (const [caller, expected] of callers) {
      for (const path of [`Observation/_history?${from}`, `_history?${from}`]) {
        for (const count of [1, 2, 4, 50]) {
          const paged = await pages(`${path}&_count=${count}`, caller);
          assert.deepEqual(paged.flatMap(versions), expected, `${caller.role}: ${path}`);
          assert.ok(paged.slice(0, -1).every((page) => versions(page).length === count));
        }
      }
    }
  });

  it('has a next page only if something to be seen lies behind', async () => {
    const from = await since();
    await put('Observation/behind-1', observation('Patient/a', { id: 'behind-1', ...secret }));
    await put('Observation/behind-2', observation('Patient/a', { id: 'behind-2', ...secret }));
    const nobody = read(await get(`Observation/_history?${from}&_count=1`, people.doctor));
    assert.equal(nextOf(nobody), undefined);
    await put('Observation/front', observation('Patient/a', { id: 'front' }));
    for (const path of [`Observation/_history?${from}&_count=1`, `_history?${from}&_count=1`]) {
      const seen = read(await get(path, people.doctor));
      assert.deepEqual(versions(seen), ['Observation/front/1']);
      assert.equal(nextOf(seen), undefined, path);
      const control = read(await get(path, people.patientA));
      assert.notEqual(nextOf(control), undefined, `control: ${path}`);
    }
  });

  it('tells of a deletion only whom it would have told of what was deleted', async () => {
    const from = await since();
    await put('Observation/gone', observation('Patient/a', { id: 'gone', ...secret }));
    await put('Observation/open', observation('Patient/a', { id: 'open' }));
    for (const id of ['gone', 'open']) {
      const self = { ...people.patientA, scope: 'patient/*.cruds' };
      const answer = await server.ask(self, 'DELETE', `Observation/${id}`);
      assert.equal(answer.status, 204, answer.text);
    }
    const of = async (caller: Caller) =>
      versions(read(await get(`Observation/_history?${from}`, caller)));
    assert.deepEqual(await of(people.doctor), ['Observation/open/2', 'Observation/open/1']);
    assert.equal((await of(people.patientA)).length, 4);
    assert.equal((await get('Observation/open', people.doctor)).status, 410);
    assert.equal((await get('Observation/gone', people.doctor)).status, 403);
    assert.equal((await get('Observation/gone/_history/2', people.doctor)).status, 403);
    assert.equal((await get('Observation/gone', people.patientA)).status, 410);
  });

  it('keeps to the scopes, and to the caller of a link', async () => {
    const narrow = { ...people.ehr, scope: 'system/Patient.rs' };
    assert.equal((await get('Observation/_history', narrow)).status, 403);
    const seen = read(await get('_history', narrow));
    assert.ok(versions(seen).length > 0);
    assert.ok(versions(seen).every((version) => version.startsWith('Patient/')));
    const next = nextOf(read(await get('_history?_count=1'))) ?? '';
    assert.equal((await get(next)).status, 200);
    assert.equal((await get(next, people.doctor)).status, 400);
    assert.equal((await get(next.replace('_history', 'Patient/_history'))).status, 400);
    assert.equal((await get('_history?_sort=_lastUpdated')).status, 400);
  });

  it('can be asked for in a batch and in a transaction', async () => {
    const asked = [
      entry('GET', '_history?_count=1'),
      entry('GET', 'Location/_history?_count=2'),
      entry('GET', 'Nothing/_history'),
    ];
    const batch = await post('batch', asked);
    assert.deepEqual(statuses(batch), ['200', '200', '404']);
    const [all, locations] = responses(batch).map(({ resource }) => resource as unknown as History);
    assert.equal(all?.entry?.length, 1);
    assert.equal(locations?.entry?.length, 2);
    assert.deepEqual(statuses(await post('transaction', asked.slice(0, 2))), ['200', '200']);
    const refused = await post('transaction', [entry('GET', 'Location/_history?_list=x')]);
    assert.equal(refused.status, 400);
  });
});
