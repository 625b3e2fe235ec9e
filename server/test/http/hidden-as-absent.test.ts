import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { observation, patient } from '../support/clinical-samples.ts';

let server: TestApp;
const { send } = requestsOf(() => server);
beforeAll(async () => {
  server = await startApp();
  await put('Patient/a', patient('a', 'A'));
  await put('Patient/b', patient('b', 'B'));
  for (const [id, of] of Object.entries(WHOSE)) {
    const subject = { reference: `Patient/${of}` };
    // Two versions, so that there is an old one.
    for (let time = 0; time < 2; time += 1) {
      await put(`Encounter/${id}`, { ...encounter, id, subject });
      const within = { reference: `Encounter/${id}` };
      await put(`Observation/${id}`, { ...observation(id, of, 'c'), encounter: within });
      await put(`Composition/${id}`, { ...composition, id, subject });
      await put(`Binary/${id}`, { ...binary, id, securityContext: subject });
    }
  }
  await send('DELETE', 'Observation/deleted', undefined);
});
afterAll(() => server.close());

/** By id, whose: patient a asks, the others are hidden from her. */
const WHOSE = { shown: 'a', hidden: 'b', deleted: 'b' };
const NEVER = 'absent';

const encounter = { resourceType: 'Encounter', status: 'planned', class: { code: 'AMB' } };
const binary = { resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' };
const composition = {
  resourceType: 'Composition',
  status: 'final',
  type: { text: 'x' },
  date: '2026-01-01',
  author: [{ display: 'x' }],
  title: 'x',
};
async function put(path: string, resource: object): Promise<void> {
  const answer = await send('PUT', path, resource);
  assert.ok(answer.status < 300, answer.text);
}

interface Way {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** With `{id}` in it. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** The status for what is shown. */
  readonly shown?: number;
}

const PARAMETERS = '{"resourceType":"Parameters"}';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const TIMES = [
  ...['_since=2099-01-01T00:00:00Z', '_since=1990-01-01T00:00:00Z', '_at=1990', '_at=2099'],
  ...['_count=1', '_count=1000', '_at=2099&_count=1', '_since=2099-01-01T00:00:00Z&_at=1990'],
];
const CONDITIONS: Record<string, string>[] = [
  { 'if-none-match': 'W/"2"' },
  { 'if-none-match': '*' },
  { 'if-none-match': 'nonsense' },
  { 'if-modified-since': 'Thu, 01 Jan 2099 00:00:00 GMT' },
  { 'if-modified-since': 'Thu, 01 Jan 1990 00:00:00 GMT' },
];

/** Every way to ask for one resource, by reading. */
const WAYS: readonly Way[] = [
  ...['Observation', 'Encounter', 'Composition', 'Binary'].flatMap((type): Way[] => [
    { path: `${type}/{id}` },
    { path: `${type}/{id}`, method: 'HEAD' },
    { path: `${type}/{id}/_history/1` },
    { path: `${type}/{id}/_history/2` },
    { path: `${type}/{id}/_history/3`, shown: 404 },
    { path: `${type}/{id}/_history` },
    { path: `${type}?_id={id}` },
    { path: `${type}/{id}/_history/1/$evidence` },
    { path: `${type}/{id}/$meta` },
    { path: `${type}/{id}/_history/1/$meta` },
    { path: `${type}/{id}/$validate` },
  ]),
  ...TIMES.map((query) => ({ path: `Observation/{id}/_history?${query}` })),
  ...CONDITIONS.flatMap((headers): Way[] => [
    { path: 'Observation/{id}', headers, shown: 0 },
    { path: 'Observation/{id}/_history/2', headers, shown: 0 },
    { path: 'Binary/{id}', headers, shown: 0 },
  ]),
  { path: 'Observation/{id}?_summary=true' },
  { path: 'Observation/{id}?_elements=status' },
  { path: 'Observation/{id}/_history/9/$evidence', shown: 404 },
  { path: 'Observation?_id={id}&_summary=count' },
  { path: 'Observation?_id={id},shown' },
  { path: '?_type=Observation,Encounter&_id={id}' },
  { path: 'Observation?encounter={id}' },
  { path: 'Observation?encounter._id={id}' },
  { path: 'Encounter?_has:Observation:encounter:_id={id}' },
  { path: 'Encounter/{id}/Observation' },
  { path: 'Encounter/{id}/*' },
  { path: 'Encounter/{id}/$everything' },
  { path: 'Composition/{id}/$document' },
  { path: 'Composition/{id}/$document', method: 'POST', body: PARAMETERS },
  { path: 'Encounter/{id}/$everything', method: 'POST', body: PARAMETERS },
  { path: 'Observation/{id}/$meta', method: 'POST', body: PARAMETERS },
  { path: 'Observation/{id}/_history/1/$meta', method: 'POST', body: PARAMETERS },
  {
    path: 'Observation/{id}/$validate',
    method: 'POST',
    body: '{"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"delete"}]}',
  },
  { path: 'Observation/_search', method: 'POST', body: '_id={id}', headers: FORM },
  { path: '_search', method: 'POST', body: '_type=Observation&_id={id}', headers: FORM },
  {
    path: 'Encounter/{id}/Observation/_search',
    method: 'POST',
    body: 'status=final',
    headers: FORM,
  },
  {
    path: '',
    method: 'POST',
    body: JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        'Observation/{id}',
        'Observation/{id}/_history?_at=1990',
        'Encounter/{id}/_history/1',
      ].map((url) => ({ request: { method: 'GET', url } })),
    }),
  },
];

/** What an answer tells: status, headers and body, but what is each request's own. */
async function told(caller: Caller, way: Way, id: string): Promise<string> {
  const before = await questions();
  const put = (text: string): string => text.replaceAll('{id}', id);
  const response = await server.app.inject({
    method: way.method ?? 'GET',
    url: `/fhir/${put(way.path)}`,
    headers: {
      authorization: `Bearer ${await server.token(caller)}`,
      ...(way.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...way.headers,
    },
    ...(way.body === undefined ? {} : { payload: put(way.body) }),
  });
  const headers = Object.entries(response.headers).filter(
    ([name]) => !['date', 'x-request-id', 'content-length', 'last-modified'].includes(name),
  );
  const body = response.body
    .replaceAll(id, '{id}')
    .replace(/"(lastUpdated|timestamp)":"[^"]+"/g, '');
  // Entries of a Bundle may share their questions, as it happens.
  const asked = way.path === '' ? undefined : (await questions()) - before;
  return JSON.stringify([response.statusCode, body, { asked }, headers.sort()]);
}

/** Transactions by which the ledger decided. */
async function questions(): Promise<number> {
  const { body } = await server.app.inject('/metrics');
  const found = /^chartseal_disclosure_transactions_total (\d+)$/m.exec(body)?.[1];
  assert.ok(found, body);
  return Number(found);
}

describe('what is hidden', () => {
  const outsiders: readonly Caller[] = [people.patientA, people.pharmacist];
  const named = (way: Way): string =>
    `${way.method ?? 'GET'} ${way.path} ${JSON.stringify(way.headers ?? {})}`;

  it('is answered as what never was, by as many questions to the ledger, in every way of reading', async () => {
    const different: object[] = [];
    for (const caller of outsiders) {
      for (const way of WAYS) {
        const never = await told(caller, way, NEVER);
        for (const id of way.path.startsWith('Observation') ? ['hidden', 'deleted'] : ['hidden']) {
          const hidden = await told(caller, way, id);
          if (hidden !== never)
            different.push({ to: caller.role, id, way: named(way), hidden, never });
        }
      }
    }
    assert.deepEqual(different, []);
  });

  it('is told apart from what is shown, and nobody need be asked about what staff may know', async () => {
    for (const way of WAYS) {
      const shown = await told(people.patientA, way, 'shown');
      const never = await told(people.patientA, way, NEVER);
      if (way.shown !== 404) assert.notEqual(shown, never, `control: ${named(way)}`);
      if (way.shown === undefined) assert.match(shown, /^\[200,/, `control: ${named(way)}`);
    }
    const absent = await told(people.doctor, { path: 'Observation/{id}' }, NEVER);
    assert.match(absent, /"asked":0/);
  });

  it('is asked for in every way of reading that there is', async () => {
    const { body } = await server.app.inject('/openapi.json');
    const { paths } = JSON.parse(body) as { paths: Record<string, Record<string, unknown>> };
    const covered = new Set(
      WAYS.map(({ path }) => (path.split('?')[0] ?? '').replace(/^[A-Z]\w+/, '{type}')),
    );
    const shapes = Object.keys(paths).filter((path) => paths[path]?.['get'] !== undefined);
    const missing = shapes
      .filter((path) => path.includes('{id}'))
      .map((path) => path.replace(/^\/(fhir\/)?/, ''))
      .map((path) => path.replace(/^[A-Z]\w+\//, '{type}/').replace('{vid}', '1'))
      .map((path) => path.replace(/\{inside\}$/, 'Observation'))
      .filter((path) => !covered.has(path))
      .filter((path) => !/\$(access-log|expand|validate-code|subsumes|translate)$/.test(path));
    assert.deepEqual(missing, []);
    assert.ok(shapes.length > 10);
  });
});
