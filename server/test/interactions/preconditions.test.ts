import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { entry } from '../support/bundles.ts';
import { actor, consent } from '../support/clinical-samples.ts';
import {
  basic,
  waysToWrite,
  type Conditions,
  type Outcome,
  type Way,
} from '../support/ways-to-write.ts';

let server: TestApp;
let ids = 0;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const get = (id: string): Promise<Answer> => server.ask(people.ehr, 'GET', `Basic/${id}`);
const put = (id: string): Promise<Answer> =>
  server.ask(people.ehr, 'PUT', `Basic/${id}`, { body: JSON.stringify(basic(id)) });
/** A resource of version 2. */
async function second(): Promise<string> {
  const id = `b${(ids += 1)}`;
  assert.equal((await put(id)).status, 201);
  assert.equal((await put(id)).status, 200);
  return id;
}
const DAY = 86_400_000;
const httpDate = (fromNow: number): string => new Date(Date.now() + fromNow).toUTCString();

/** What comes of each at version 2: 'done', or the status and the name of what is refused. */
const AT_SECOND: readonly [Conditions, 'done' | readonly [412 | 400, keyof Conditions]][] = [
  [{ ifMatch: 'W/"2"' }, 'done'],
  [{ ifMatch: '"2"' }, 'done'],
  [{ ifMatch: 'W/"1", W/"2"' }, 'done'],
  [{ ifMatch: '"a,b" , "2"' }, 'done'],
  [{ ifMatch: '*' }, 'done'],
  [{ ifMatch: 'W/"1"' }, [412, 'ifMatch']],
  [{ ifMatch: '"1"' }, [412, 'ifMatch']],
  [{ ifMatch: 'W/"1", "3"' }, [412, 'ifMatch']],
  [{ ifMatch: '"of-another-server"' }, [412, 'ifMatch']],
  [{ ifMatch: 'W/"02"' }, [412, 'ifMatch']],
  [{ ifMatch: 'rubbish' }, [400, 'ifMatch']],
  [{ ifMatch: '2' }, [400, 'ifMatch']],
  [{ ifMatch: '*, "2"' }, [400, 'ifMatch']],
  [{ ifMatch: '' }, [400, 'ifMatch']],
  [{ ifNoneMatch: '*' }, [412, 'ifNoneMatch']],
  [{ ifNoneMatch: 'W/"2"' }, [412, 'ifNoneMatch']],
  [{ ifNoneMatch: '"1", "2"' }, [412, 'ifNoneMatch']],
  [{ ifNoneMatch: 'W/"1", W/"3"' }, 'done'],
  [{ ifNoneMatch: '2' }, [400, 'ifNoneMatch']],
  [{ ifMatch: '"2"', ifNoneMatch: '"1"' }, 'done'],
  [{ ifMatch: '"2"', ifNoneMatch: '*' }, [412, 'ifNoneMatch']],
  [{ ifMatch: '"1"', ifNoneMatch: '"1"' }, [412, 'ifMatch']],
  [{ ifUnmodifiedSince: httpDate(DAY) }, 'done'],
  [{ ifUnmodifiedSince: httpDate(-DAY) }, [412, 'ifUnmodifiedSince']],
  [{ ifUnmodifiedSince: 'yesterday' }, [400, 'ifUnmodifiedSince']],
  [{ ifUnmodifiedSince: httpDate(-DAY), ifMatch: '"2"' }, 'done'],
  [{ ifUnmodifiedSince: httpDate(DAY), ifMatch: '"1"' }, [412, 'ifMatch']],
  [{ ifUnmodifiedSince: httpDate(DAY), ifNoneMatch: '*' }, [412, 'ifNoneMatch']],
];

/** What comes of each where nothing is, of ways that need nothing there. */
const AT_NONE: readonly [Conditions, 'done' | readonly [412, keyof Conditions]][] = [
  [{ ifMatch: '*' }, [412, 'ifMatch']],
  [{ ifMatch: 'W/"2"' }, [412, 'ifMatch']],
  [{ ifNoneMatch: '*' }, 'done'],
  [{ ifNoneMatch: 'W/"2"' }, 'done'],
  [{ ifMatch: '*', ifNoneMatch: '*' }, [412, 'ifMatch']],
  [{ ifUnmodifiedSince: httpDate(DAY) }, 'done'],
];

const applies = (way: Way, conditions: Conditions): boolean =>
  way.sentIn === 'headers' || conditions.ifUnmodifiedSince === undefined;

function assertRefused(
  way: Way,
  outcome: Outcome,
  [status, condition]: readonly [number, keyof Conditions],
): void {
  assert.equal(outcome.status, status, outcome.text);
  assert.ok(outcome.diagnostics.includes(way.nameOf(condition)), outcome.text);
  assert.deepEqual(outcome.expression, [way.placeOf(condition)], outcome.text);
}

const ways = waysToWrite(() => server);

for (const way of ways) {
  describe(`preconditions of ${way.name}`, () => {
    it('are judged of the current version, and what is refused changes nothing', async () => {
      for (const [conditions, expected] of AT_SECOND) {
        if (!applies(way, conditions)) continue;
        const id = await second();
        const outcome = await way.send(id, conditions);
        const what = `${JSON.stringify(conditions)}: ${outcome.text}`;
        const left = await get(id);
        if (expected === 'done') {
          assert.ok(outcome.status === 200 || outcome.status === 204, what);
          assert.ok(left.status === 410 || left.headers['etag'] === 'W/"3"', what);
        } else {
          assertRefused(way, outcome, expected);
          assert.equal(left.headers['etag'], 'W/"2"', what);
        }
      }
    });

    it('find no current version of what never was, or was deleted', async () => {
      for (const deleted of way.byCriteria ? [false] : [false, true]) {
        for (const [conditions, expected] of AT_NONE) {
          if (!applies(way, conditions)) continue;
          const id = deleted ? await second() : `b${(ids += 1)}`;
          if (deleted) await server.ask(people.ehr, 'DELETE', `Basic/${id}`);
          const outcome = await way.send(id, conditions);
          const what = `${JSON.stringify(conditions)}: ${outcome.text}`;
          if (way.needsOne) {
            assert.equal(outcome.status, deleted ? 410 : 404, what);
            continue;
          }
          if (expected !== 'done') assertRefused(way, outcome, expected);
          else assert.ok(outcome.status === 201 || outcome.status === 204, what);
          const there = expected === 'done' && outcome.status === 201;
          const gone = deleted ? 410 : 404;
          assert.equal((await get(id)).status, there ? 200 : gone, what);
        }
      }
    });
  });
}

it('of a Consent they are judged before the ledger has it, alone and in a transaction', async () => {
  const person = JSON.stringify({ resourceType: 'Patient', id: 'c' });
  assert.equal((await server.ask(people.ehr, 'PUT', 'Patient/c', { body: person })).status, 201);
  const permit = { type: 'permit', actor: actor('Organization/pharmacy') };
  const body = (id: string): string => JSON.stringify(consent(id, 'c', permit));
  const alone = (id: string, headers: Record<string, string>): Promise<Answer> =>
    server.ask(people.ehr, 'PUT', `Consent/${id}`, { body: body(id), headers });
  const inTransaction = (id: string, conditions: Conditions): Promise<Answer> =>
    server.ask(people.ehr, 'POST', '', {
      body: `{"resourceType":"Bundle","type":"transaction","entry":[${entry('PUT', `Consent/${id}`, body(id), conditions)}]}`,
    });
  assert.equal((await alone('c1', { 'if-match': '*' })).status, 412);
  assert.equal((await alone('c1', { 'if-none-match': '*' })).status, 201);
  assert.equal((await alone('c1', { 'if-none-match': '*' })).status, 412);
  assert.equal((await inTransaction('c1', { ifNoneMatch: '*' })).status, 412);
  assert.equal((await inTransaction('c1', { ifMatch: '"7"' })).status, 412);
  assert.equal((await inTransaction('c1', { ifMatch: '"1"' })).status, 200);
  assert.equal((await inTransaction('c2', { ifMatch: '*' })).status, 412);
  assert.equal((await inTransaction('c2', { ifNoneMatch: '*' })).status, 200);
  const versions = await server.ask(people.ehr, 'GET', 'Consent/c1/_history');
  assert.equal(versions.json()['total'], 2);
});

it('a deletion is a modification too', async () => {
  const id = await second();
  await server.ask(people.ehr, 'DELETE', `Basic/${id}`);
  const [way] = ways;
  assert.ok(way);
  assert.equal((await way.send(id, { ifUnmodifiedSince: httpDate(-DAY) })).status, 412);
  assert.equal((await way.send(id, { ifUnmodifiedSince: httpDate(DAY) })).status, 201);
});

describe('a condition that a write cannot have', () => {
  const PARAMETERS = '{"resourceType":"Parameters"}';
  const body = JSON.stringify({ resourceType: 'Basic', code: { text: 'x' } });
  const bundle = (request: object, resource: string | undefined): string =>
    JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request, ...(resource && { resource: JSON.parse(resource) as unknown }) }],
    });
  const refused: readonly [what: string, () => Promise<Answer>, string][] = [
    ...['If-Match', 'If-None-Match', 'If-Unmodified-Since'].flatMap(
      (name): [string, () => Promise<Answer>, string][] => {
        const value = name === 'If-Unmodified-Since' ? httpDate(DAY) : '*';
        const headers = { [name.toLowerCase()]: value };
        const empty = '{"resourceType":"Bundle","type":"batch","entry":[]}';
        const criteria = { ...headers, 'if-none-exist': 'identifier=urn:example:b|never' };
        return [
          [`create, ${name}`, () => ask('POST', 'Basic', body, headers), name],
          [`conditional create, ${name}`, () => ask('POST', 'Basic', body, criteria), name],
          [`Bundle, ${name}`, () => ask('POST', '', empty, headers), name],
          ...['POST', 'GET'].map((method): [string, () => Promise<Answer>, string] => [
            `${method} that keeps a document, ${name}`,
            () =>
              ask(
                method as 'POST' | 'GET',
                'Composition/never/$document?persist=true',
                undefined,
                headers,
              ),
            name,
          ]),
        ];
      },
    ),
    ...(
      [
        ['PUT', 'Basic/never', JSON.stringify({ ...(JSON.parse(body) as object), id: 'never' })],
        ['PUT', 'Basic?identifier=urn:example:b|never', body],
        ['DELETE', 'Basic/never', undefined],
        ['POST', '', '{"resourceType":"Bundle","type":"batch","entry":[]}'],
        ['POST', 'Basic/never/$meta-add', PARAMETERS],
        ['POST', 'Basic/never/$meta-delete', PARAMETERS],
        ['POST', 'Composition/never/$document?persist=true', PARAMETERS],
        ['GET', 'Composition/never/$document?persist=true', undefined],
      ] as const
    ).map(([method, path, text]): [string, () => Promise<Answer>, string] => [
      `${method} ${path}, If-None-Exist`,
      () => ask(method, path, text, { 'if-none-exist': 'identifier=urn:example:b|never' }),
      'If-None-Exist',
    ]),
  ];
  const ask = (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    text: string | undefined,
    headers: Record<string, string>,
  ) => server.ask(people.ehr, method, path, { headers, ...(text && { body: text }) });

  for (const [what, act, name] of refused) {
    it(`${what}: is refused by its name, and nothing is made`, async () => {
      const answer = await act();
      assert.equal(answer.status, 400, answer.text);
      const { issue } = answer.json() as unknown as { issue: [{ expression: string[] }] };
      assert.deepEqual(issue[0].expression, [`http.${name}`]);
      assert.ok(answer.text.includes(`${name} belongs to`), answer.text);
      const found = await server.ask(people.ehr, 'GET', 'Basic?identifier=urn:example:b|never');
      assert.equal(found.json()['entry'], undefined);
    });
  }

  it('in an entry: is refused by its name', async () => {
    const META_ADD = 'Basic/x/$meta-add';
    const KEEPING = 'Composition/x/$document?persist=true';
    const SINCE = '2026-01-01T00:00:00Z';
    for (const [request, resource, name] of [
      [{ method: 'POST', url: 'Basic', ifMatch: '*' }, body, 'ifMatch'],
      [{ method: 'POST', url: 'Basic', ifNoneMatch: '*' }, body, 'ifNoneMatch'],
      [{ method: 'GET', url: 'Basic/x', ifMatch: '*' }, undefined, 'ifMatch'],
      [
        { method: 'DELETE', url: 'Basic/x', ifModifiedSince: '2026-01-01T00:00:00Z' },
        undefined,
        'ifModifiedSince',
      ],
      [{ method: 'DELETE', url: 'Basic/x', ifNoneExist: 'code=x' }, undefined, 'ifNoneExist'],
      [{ method: 'POST', url: META_ADD, ifNoneExist: 'code=x' }, PARAMETERS, 'ifNoneExist'],
      [{ method: 'POST', url: META_ADD, ifModifiedSince: SINCE }, PARAMETERS, 'ifModifiedSince'],
      [{ method: 'GET', url: 'Basic/x/$meta', ifMatch: '*' }, undefined, 'ifMatch'],
      [{ method: 'GET', url: 'Basic/x/$meta', ifNoneMatch: '*' }, undefined, 'ifNoneMatch'],
      [{ method: 'GET', url: KEEPING, ifMatch: '*' }, undefined, 'ifMatch'],
      [{ method: 'GET', url: KEEPING, ifNoneMatch: '*' }, undefined, 'ifNoneMatch'],
    ] as const) {
      const answer = await server.ask(people.ehr, 'POST', '', { body: bundle(request, resource) });
      assert.match(answer.text, /"status":"400 /);
      assert.ok(answer.text.includes(`request.${name} belongs to`), answer.text);
    }
  });

  it('is passed over by what changes nothing: there is nothing to protect', async () => {
    const id = await second();
    const conditions = { 'if-match': '"7"', 'if-none-exist': 'code=x', 'if-none-match': '"7"' };
    for (const method of ['GET', 'POST'] as const) {
      const answer = await ask(method, `Basic/${id}/$meta`, undefined, conditions);
      assert.equal(answer.status, 200, answer.text);
    }
  });

  it('is not If-Modified-Since, which HTTP wants passed over on a write', async () => {
    const id = await second();
    const answer = await server.ask(people.ehr, 'DELETE', `Basic/${id}`, {
      headers: { 'if-modified-since': httpDate(DAY) },
    });
    assert.equal(answer.status, 204, answer.text);
  });
});

it('every interaction that is documented to judge If-Match is among the ways', async () => {
  const answer = await server.app.inject('/openapi.json');
  const { paths } = answer.json<{
    paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
  }>();
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === 'If-Match'))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  const walked = ways.map(({ name }) =>
    name.replace(
      /Basic(\/x|\?[^ ]*)?(\/\$[a-z-]+)?( in a .*)?$/,
      (_, id, operation: string = '') => (id === '/x' ? `/{type}/{id}${operation}` : '/{type}'),
    ),
  );
  // Content in its own form is one more way of an update.
  const general = told.map((each) => each.replace('/Binary/', '/{type}/'));
  assert.ok(general.length >= 8, general.join());
  for (const each of general) assert.ok(walked.includes(each), each);
});
