import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { people, startApp, type TestApp } from '../support/app.ts';

type Method = NonNullable<InjectOptions['method']>;

const JSON_TYPE = { 'content-type': 'application/fhir+json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let server: TestApp;
let authorization = '';
beforeAll(async () => {
  server = await startApp();
  authorization = `Bearer ${await server.token(people.ehr)}`;
  for (const id of ['a', 'b']) {
    await server.ask(people.ehr, 'PUT', `Patient/${id}`, {
      body: JSON.stringify({ resourceType: 'Patient', id, identifier: [{ value: id }] }),
    });
  }
});
afterAll(() => server.close());

const ask = (
  method: Method,
  url: string,
  more: { readonly headers?: Record<string, string>; readonly payload?: string } = {},
): Promise<LightMyRequestResponse> =>
  server.app.inject({ method, url, ...more, headers: { authorization, ...more.headers } });

const diagnosticsOf = ({ body }: LightMyRequestResponse): string =>
  (JSON.parse(body) as { issue: { diagnostics: string }[] }).issue[0]?.diagnostics ?? '';

describe('a slash at the end of a path', () => {
  for (const [path, status] of [
    ['/fhir', 200],
    ['/fhir/Patient', 200],
    ['/fhir/Patient/a', 200],
    ['/fhir/Patient/a/_history', 200],
    ['/fhir/Patient/a/_history/1', 200],
    ['/fhir/Patient/a/_history/1/$meta', 200],
    ['/fhir/Patient/a/$everything', 200],
    ['/fhir/Patient/a/Patient', 200],
    ['/fhir/Patient/a/*', 200],
    ['/fhir/Binary/none', 404],
    ['/fhir/metadata', 200],
    ['/fhir/.well-known/smart-configuration', 200],
    ['/healthz', 200],
    ['/readyz', 200],
    ['/openapi.json', 200],
  ] as const) {
    it(`is no slash: GET ${path}`, async () => {
      const [without, withOne] = [await ask('GET', path), await ask('GET', `${path}/`)];
      assert.equal(without.statusCode, status, without.body);
      assert.equal(withOne.statusCode, status, withOne.body);
      assert.equal(withOne.headers['content-type'], without.headers['content-type']);
      const [head, options] = [await ask('HEAD', `${path}/`), await ask('OPTIONS', `${path}/`)];
      assert.equal(head.statusCode, status);
      assert.equal(options.headers['allow'], (await ask('OPTIONS', path)).headers['allow']);
    });

    it(`is one segment more when there are two: GET ${path}//`, async () => {
      const answer = await ask('GET', `${path}//`);
      assert.equal(answer.statusCode, 404, answer.body);
    });
  }

  it('is no slash before a query, and the self link has none', async () => {
    const answer = await ask('GET', '/fhir/Patient/?identifier=a');
    const { total, link } = answer.json<{ total: number; link: { url: string }[] }>();
    assert.equal(total, 1);
    assert.match(link[0]?.url ?? '', /\/fhir\/Patient\?identifier=a$/);
  });

  it('is no slash for what writes', async () => {
    const payload = '{"resourceType":"Basic","id":"s","code":{"text":"x"}}';
    const sent = { headers: JSON_TYPE, payload };
    assert.equal((await ask('PUT', '/fhir/Basic/s/', sent)).statusCode, 201);
    assert.equal((await ask('POST', '/fhir/Basic/', sent)).statusCode, 201);
    assert.equal((await ask('PUT', '/fhir/Basic/?_id=s', sent)).statusCode, 200);
    const patch = {
      headers: { 'content-type': 'application/json-patch+json' },
      payload: '[{"op":"replace","path":"/code/text","value":"y"}]',
    };
    assert.equal((await ask('PATCH', '/fhir/Basic/s/', patch)).statusCode, 200);
    assert.equal((await ask('DELETE', '/fhir/Basic/?_id=s')).statusCode, 204);
    assert.equal((await ask('GET', '/fhir/Basic/s')).statusCode, 410);
    const batch = '{"resourceType":"Bundle","type":"batch"}';
    assert.equal(
      (await ask('POST', '/fhir/', { headers: JSON_TYPE, payload: batch })).statusCode,
      200,
    );
  });

  it('is no slash for a search that is posted, whose body is a form and nothing else', async () => {
    const found = await ask('POST', '/fhir/Patient/_search/', {
      headers: FORM,
      payload: 'identifier=b',
    });
    assert.equal(found.json<{ total: number }>().total, 1, found.body);
    const other = await ask('POST', '/fhir/Patient/_search/?x', {
      headers: JSON_TYPE,
      payload: '{}',
    });
    assert.equal(other.statusCode, 415);
  });
});

describe('a method that a path does not take', () => {
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
  const PATHS = [
    ...['', 'metadata', '.well-known/smart-configuration', 'Patient', 'Patient/a', 'Binary/a'],
    ...['_history', '_search', 'Patient/_history', 'Patient/_search', 'Binary', 'Binary/_history'],
    ...['Patient/a/_history', 'Patient/a/_history/1', 'Patient/a/Patient', 'Patient/a/*/_search'],
    ...['$meta', 'Patient/$meta', 'Patient/a/$meta', 'Patient/a/$meta-add', 'CodeSystem/$lookup'],
    ...['Patient/$everything', 'Patient/a/$access-log', '$reindex-status', '$async/x'],
    ...['Patient/a/_history/1/$evidence', `Patient/${'x'.repeat(150)}`],
  ];

  for (const path of PATHS) {
    it(`is named with those it takes: ${path}`, async () => {
      for (const slash of ['', '/']) {
        const url = `/fhir/${path}${slash}`;
        const allow = String((await ask('OPTIONS', url)).headers['allow']).split(', ');
        assert.ok(allow.includes('OPTIONS') && allow.length > 1, `${url}: ${allow.join()}`);
        for (const method of METHODS) {
          const answer = await ask(method, url, { headers: JSON_TYPE, payload: '{}' });
          const refused = answer.statusCode === 405;
          assert.equal(refused, !allow.includes(method), `${method} ${url} ${answer.body}`);
          if (!refused || method === 'HEAD') continue;
          assert.equal(answer.headers['allow'], allow.join(', '));
          const listed = /takes (.*), not (\w+)$/.exec(diagnosticsOf(answer));
          assert.deepEqual(listed?.slice(1), [allow.join(', '), method]);
        }
      }
    });
  }
});

describe('a name that no interaction and no operation has', () => {
  for (const path of [
    ...['$nope', 'Patient/$nope', 'Patient/a/$nope', 'Patient/a/_history/1/$nope'],
    ...['_nope', 'Patient/_nope', 'Patient/a/_nope', 'Binary/$nope', 'Binary/_nope', '$nope/x'],
  ]) {
    it(`is not found by its name: ${path}`, async () => {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        const answer = await ask(method, `/fhir/${path}`, { headers: JSON_TYPE, payload: '{}' });
        assert.equal(answer.statusCode, 404, `${method} ${answer.body}`);
        assert.match(diagnosticsOf(answer), /no (operation|interaction) is called [$_]nope$/);
      }
      assert.equal((await ask('HEAD', `/fhir/${path}`)).statusCode, 404);
      assert.equal((await ask('OPTIONS', `/fhir/${path}`)).headers['allow'], undefined);
    });
  }

  for (const [path, places] of [
    ['$everything', 'Patient/[id]/$everything, Patient/$everything, Encounter/[id]/$everything'],
    ['Observation/x/$everything', 'Patient/[id]/$everything, Patient/$everything'],
    ['Encounter/$everything', 'Encounter/[id]/$everything'],
    ['Patient/$access-log', 'Patient/[id]/$access-log'],
    ['$validate', '[type]/$validate, [type]/[id]/$validate'],
    ['Patient/a/$reindex-status', '$reindex-status'],
    ['Patient/a/_search', '[type]/_search'],
  ] as const) {
    it(`is found elsewhere, and that is said: ${path}`, async () => {
      for (const method of ['GET', 'POST', 'DELETE'] as const) {
        const answer = await ask(method, `/fhir/${path}`, { headers: JSON_TYPE, payload: '{}' });
        assert.equal(answer.statusCode, 404, `${method} ${answer.body}`);
        assert.ok(diagnosticsOf(answer).includes(places), answer.body);
      }
    });
  }
});

describe('a name of an operation or interaction written with an escape', () => {
  for (const [escaped, plain] of [
    ['/fhir/Patient/b/%24everything', '/fhir/Patient/b/$everything'],
    ['/fhir/Patient/b/%5fhistory?_count=1', '/fhir/Patient/b/_history?_count=1'],
    ['/fhir/Patient/%5F', '/fhir/Patient/_'],
  ] as const) {
    it(`is that name: ${escaped}`, async () => {
      const answers = await Promise.all([ask('GET', escaped), ask('GET', plain)]);
      const [one, other] = answers.map(({ statusCode }) => statusCode);
      assert.equal(one, other);
      assert.equal(one, plain.endsWith('_') ? 404 : 200);
    });
  }

  it('takes the bodies that it takes written plainly', async () => {
    const payload = '{}';
    const headers = JSON_TYPE;
    for (const url of ['/fhir/Patient/_search', '/fhir/Patient/%5Fsearch']) {
      assert.equal((await ask('POST', url, { payload, headers })).statusCode, 415, url);
      const form = await ask('POST', url, { payload: '_id=b', headers: FORM });
      assert.equal((JSON.parse(form.body) as { total: number }).total, 1, url);
    }
  });
});
