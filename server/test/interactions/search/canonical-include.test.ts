import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { entriesOf } from '../../support/clinical-samples.ts';

let server: TestApp;
const found = async (path: string, caller = people.ehr as Parameters<TestApp['ask']>[0]) => {
  const answer: Answer = await server.ask(caller, 'GET', path);
  assert.equal(answer.status, 200, answer.text);
  const named = (mode: string) =>
    entriesOf(answer)
      .filter(({ search }) => search?.mode === mode)
      .map(({ resource }) => resource.id)
      .sort();
  return [named('match').join(' '), named('include').join(' ')];
};

const questionnaire = (id: string, url: string, version?: string) => ({
  resourceType: 'Questionnaire',
  id,
  url,
  status: 'active',
  ...(version === undefined ? {} : { version }),
});
const response = (id: string, of: string) => ({
  resourceType: 'QuestionnaireResponse',
  id,
  status: 'completed',
  questionnaire: of,
});

beforeAll(async () => {
  server = await startApp();
  for (const resource of [
    { ...questionnaire('v1', 'http://q/pain', '1.0-Beta'), derivedFrom: ['http://q/root'] },
    questionnaire('v2', 'http://q/pain', '2.0'),
    questionnaire('root', 'http://q/root'),
    questionnaire('other', 'http://q/other', '1.0'),
    response('one', 'http://q/pain|1.0-beta'),
    response('any', 'http://q/pain'),
    response('part', 'http://q/pain|2.0#intro'),
    response('lost', 'http://q/pain|3.0'),
    response('placed', 'Questionnaire/other'),
  ]) {
    const path = `${resource.resourceType}/${resource.id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());

describe('_include of what is named by a canonical URL', () => {
  const include = '_include=QuestionnaireResponse:questionnaire';
  for (const [id, included] of [
    ['one', 'v1'],
    ['any', 'v1 v2'],
    ['part', 'v2'],
    ['lost', ''],
    ['placed', 'other'],
  ] as const) {
    it(`brings ${included || 'nothing'} along with ${id}`, async () => {
      for (const asked of [include, `${include}:Questionnaire`, '_include=*']) {
        assert.deepEqual(await found(`QuestionnaireResponse?_id=${id}&${asked}`), [id, included]);
      }
    });
  }

  it('goes on from there', async () => {
    const on = '_include:iterate=Questionnaire:derived-from';
    const asked = `QuestionnaireResponse?_id=one,lost&${include}`;
    assert.deepEqual(await found(asked), ['lost one', 'v1']);
    // R4 defines no such parameter of Questionnaire: what is unknown is refused as ever.
    assert.equal((await server.ask(people.ehr, 'GET', `${asked}&${on}`)).status, 400);
  });

  it('leads back', async () => {
    const back = '_revinclude=QuestionnaireResponse:questionnaire';
    for (const [id, included] of [
      ['v1', 'any one'],
      ['v2', 'any part'],
      ['root', ''],
      ['other', 'placed'],
    ] as const) {
      assert.deepEqual(await found(`Questionnaire?_id=${id}&${back}`), [id, included]);
      assert.deepEqual(await found(`Questionnaire?_id=${id}&_revinclude=*`), [id, included]);
    }
  });

  it('needs the scope of what is included', async () => {
    const narrow = { role: 'system', scope: 'system/QuestionnaireResponse.rs' } as const;
    assert.deepEqual(await found(`QuestionnaireResponse?_id=one&${include}`, narrow), ['one', '']);
  });
});

describe('chains through canonical URLs', () => {
  const warning = /questionnaire names resources by canonical URLs/;
  it('say that they do not follow them, save to a place on this server', async () => {
    for (const [query, ids] of [
      ['QuestionnaireResponse?questionnaire.url=http://q/other', ['placed']],
      ['QuestionnaireResponse?questionnaire.url=http://q/pain', []],
      ['Questionnaire?_has:QuestionnaireResponse:questionnaire:status=completed', ['other']],
    ] as const) {
      const answer = await server.ask(people.ehr, 'GET', query);
      const entries = entriesOf(answer);
      assert.deepEqual(
        entries.filter(({ search }) => search?.mode === 'match').map(({ resource }) => resource.id),
        ids,
      );
      const outcome = entries.find(({ search }) => search?.mode === 'outcome');
      assert.match(JSON.stringify(outcome), warning, query);
    }
    const plain = await server.ask(
      people.ehr,
      'GET',
      'QuestionnaireResponse?questionnaire=http://q/pain&source.name=x',
    );
    assert.doesNotMatch(plain.text, warning);
  });
});
