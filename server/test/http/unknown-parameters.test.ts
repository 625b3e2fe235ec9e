import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { bundlesOf, entry, statuses } from '../support/bundles.ts';

let server: TestApp;
const { post } = bundlesOf(() => server);
beforeAll(async () => {
  server = await startApp();
  const body = JSON.stringify({
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: { text: 'x' },
    valueQuantity: { value: 1 },
    component: [{ code: { text: 'y' } }],
  });
  assert.equal((await server.ask(people.ehr, 'PUT', 'Observation/o', { body })).status, 201);
});
afterAll(() => server.close());

type Method = Parameters<TestApp['ask']>[1];
const BASIC = { resourceType: 'Basic', id: 'b', code: { text: 'x' } };
const REQUESTS: readonly (readonly [method: Method, path: string, body?: object])[] = [
  ['GET', 'Observation'],
  ['GET', ''],
  ['GET', 'Observation/o'],
  ['GET', 'Observation/o/_history/1'],
  ['GET', 'Observation/o/_history'],
  ['GET', 'Observation/_history'],
  ['GET', '_history'],
  ['GET', 'Patient/none/Observation'],
  ['POST', 'Basic', BASIC],
  ['PUT', 'Basic/b', BASIC],
  ['PATCH', 'Basic/b', [{ op: 'test', path: '/id', value: 'b' }]],
  ['DELETE', 'Basic/b'],
  ['POST', '', { resourceType: 'Bundle', type: 'batch' }],
  ['GET', 'Observation/o/$meta'],
  ['GET', 'Observation/o/$validate'],
];

const ask = (
  [method, path, body]: (typeof REQUESTS)[number],
  query: string,
  handling: 'strict' | 'lenient',
): Promise<Answer> =>
  server.ask(people.ehr, method, `${path}?${query}`, {
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: {
      prefer: `handling=${handling}`,
      ...(method === 'PATCH' ? { 'content-type': 'application/json-patch+json' } : {}),
    },
  });

describe('a parameter that an interaction does not know', () => {
  for (const request of REQUESTS) {
    const [method, path] = request;
    it(`follows the wish for strict or lenient handling: ${method} [base]/${path}`, async () => {
      for (const name of ['_totalMethod', '_nonsense', 'nonsense']) {
        const lenient = await ask(request, `${name}=x`, 'lenient');
        assert.ok(lenient.status < 300, lenient.text);
        const links = (lenient.text === '' ? undefined : lenient.json()['link']) as
          readonly { url: string }[] | undefined;
        for (const { url } of links ?? []) assert.ok(!url.includes(name), url);
        const strict = await ask(request, `${name}=x`, 'strict');
        assert.equal(strict.status, 400, `${name} ${strict.text}`);
        assert.ok(strict.text.includes(`"http.${name}"`), strict.text);
        const told = new RegExp(
          `There is no parameter ${name} here|${name} is no search parameter`,
        );
        assert.match(strict.text, told);
      }
      const written = await ask(request, '_format=json&_pretty=true', 'strict');
      assert.ok(written.status < 300, written.text);
    });
  }

  it('is told of in what a search finds', async () => {
    const { text } = await ask(['GET', 'Observation'], '_totalMethod=count', 'lenient');
    assert.match(text, /Ignored: _totalMethod is no search parameter of Observation/);
    assert.match(text, new RegExp(`"url":"${BASE}/Observation"`));
  });

  it('is refused in an entry of a Bundle', async () => {
    const answer = await post('batch', [
      entry('GET', 'Observation/o?_totalMethod=x'),
      entry('GET', 'Observation/o?_summary=true'),
    ]);
    assert.deepEqual(statuses(answer), ['400', '200']);
  });
});

describe('_elements', () => {
  for (const path of ['Observation/o', 'Observation/o/_history/1', 'Observation', '']) {
    const several = path === '' ? '_type=Observation,Patient&' : '';
    for (const [names, shown] of [
      ['value', true],
      ['value[x]', true],
      ['valueQuantity', true],
      ['valueQuantity,component', true],
      ['valueString', false],
      ['valueString,valueQuantity', true],
      ['component', false],
    ] as const) {
      it(`of [base]/${path} takes a choice by either name: ${names}`, async () => {
        const query = `${several}_elements=${encodeURIComponent(names)}`;
        const { status, text } = await ask(['GET', path], query, 'strict');
        assert.equal(status, 200, text);
        assert.match(text, /SUBSETTED/);
        assert.equal(text.includes('"valueQuantity":{"value":1}'), shown, text);
        assert.equal(text.includes('"component":'), names.includes('component'), text);
      });
    }

    it(`of [base]/${path} takes no name that no type has`, async () => {
      for (const name of ['valueNonsense', 'valueAddress', 'quantity', 'status[x]x']) {
        const query = `${several}_elements=${encodeURIComponent(name)}`;
        const { status, text } = await ask(['GET', path], query, 'strict');
        assert.equal(status, 400, text);
        assert.match(text, /http\._elements/);
      }
    });
  }
});
