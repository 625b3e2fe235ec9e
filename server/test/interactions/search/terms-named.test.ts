import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../../support/app.ts';
import { idsOf, observation, patient } from '../../support/clinical-samples.ts';

let server: TestApp;

const codes = 'http://example.org/codes';
beforeAll(async () => {
  server = await startApp();
  const resources = [
    patient('t', 'Tanne'),
    { ...observation('t1', 't', 'apple'), code: { coding: [{ system: codes, code: 'apple' }] } },
    { ...observation('t2', 't', 'fruit'), code: { coding: [{ system: codes, code: 'fruit' }] } },
    { ...observation('t3', 't', 'bread'), code: { coding: [{ system: codes, code: 'bread' }] } },
    {
      resourceType: 'CodeSystem',
      id: 'food',
      url: codes,
      status: 'active',
      content: 'complete',
      hierarchyMeaning: 'is-a',
      concept: [{ code: 'fruit', concept: [{ code: 'apple' }] }, { code: 'bread' }],
    },
    {
      resourceType: 'ValueSet',
      id: 'sweet',
      url: 'http://example.org/sweet',
      status: 'active',
      compose: { include: [{ system: codes, concept: [{ code: 'apple' }, { code: 'fruit' }] }] },
    },
  ];
  for (const resource of resources) {
    const path = `${resource.resourceType}/${resource.id}`;
    const { status, text } = await server.ask(people.ehr, 'PUT', path, {
      body: JSON.stringify(resource),
    });
    assert.equal(status, 201, text);
  }
});
afterAll(() => server.close());

const narrow = { ...people.ehr, scope: 'system/Observation.rs system/Patient.rs' };

describe('terminology that a search names', () => {
  const table: readonly [query: string, ids: readonly string[]][] = [
    ['Observation?code:in=http://example.org/sweet', ['t1', 't2']],
    ['Observation?code:in=ValueSet/sweet', ['t1', 't2']],
    ['Observation?code:not-in=ValueSet/sweet', ['t3']],
    [`Observation?code:below=${codes}|fruit`, ['t1', 't2']],
    [`Observation?code:above=${codes}|apple`, ['t1', 't2']],
    [`Observation?code:above=${codes}|fruit`, ['t2']],
    ['Patient?_has:Observation:patient:code:in=ValueSet/sweet', ['t']],
    ['?_type=Observation,DiagnosticReport&code:in=ValueSet/sweet', ['t1', 't2']],
  ];
  for (const [query, ids] of table) {
    it(`may be stored here: ${query}`, async () => {
      const answer = await server.ask(people.ehr, 'GET', query);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(idsOf(answer), ids);
    });
  }

  it('may be named by reads of a transaction', async () => {
    const answer = await server.ask(people.ehr, 'POST', '', {
      body: JSON.stringify({
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'GET', url: 'Observation?code:in=ValueSet/sweet' } }],
      }),
    });
    assert.equal(answer.status, 200, answer.text);
    const { entry } = answer.json() as { entry: { resource: { entry: object[] } }[] };
    assert.equal(entry[0]?.resource.entry.length, 2);
  });

  it('is not there for a caller who may not read it', async () => {
    for (const query of ['code:in=ValueSet/sweet', 'code:in=http://example.org/sweet']) {
      const answer = await server.ask(narrow, 'GET', `Observation?${query}`);
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, /http\.code/);
    }
    const below = await server.ask(narrow, 'GET', `Observation?code:below=${codes}|fruit`);
    assert.equal(below.status, 400, below.text);
    const control = await server.ask(narrow, 'GET', `Observation?code=${codes}|fruit`);
    assert.deepEqual(idsOf(control), ['t2']);
  });
});

describe('terminology that a condition names', () => {
  const made = (code: string) =>
    JSON.stringify({
      ...observation('', 't', code),
      id: undefined,
      code: { coding: [{ system: codes, code }] },
    });
  const conditional = (
    method: 'PUT' | 'PATCH' | 'DELETE',
    criteria: string,
    more: Parameters<TestApp['ask']>[3] = {},
    caller: Parameters<TestApp['ask']>[0] = people.ehr,
  ) => server.ask(caller, method, `Observation?${criteria}`, more);
  const unless = (criteria: string, body: string) =>
    server.ask(people.ehr, 'POST', 'Observation', { body, headers: { 'if-none-exist': criteria } });

  it('may be stored here, as in searches', async () => {
    const exists = await unless(`code:below=${codes}|bread`, made('bread'));
    assert.deepEqual([exists.status, exists.json()['id']], [200, 't3'], exists.text);
    const several = await unless('code:in=ValueSet/sweet', made('apple'));
    assert.equal(several.status, 412, several.text);
    const updated = await conditional('PUT', 'code:not-in=ValueSet/sweet', { body: made('bread') });
    assert.deepEqual([updated.status, updated.json()['id']], [200, 't3'], updated.text);
    const patched = await conditional('PATCH', `code:below=${codes}|apple`, {
      body: JSON.stringify([{ op: 'replace', path: '/status', value: 'amended' }]),
      headers: { 'content-type': 'application/json-patch+json' },
    });
    assert.deepEqual([patched.status, patched.json()['id']], [200, 't1'], patched.text);
  });

  it('may be named by the conditions of a transaction', async () => {
    const request = {
      method: 'POST',
      url: 'Observation',
      ifNoneExist: `code:below=${codes}|apple`,
    };
    const answer = await server.ask(people.ehr, 'POST', '', {
      body: JSON.stringify({
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ resource: JSON.parse(made('apple')) as object, request }],
      }),
    });
    assert.equal(answer.status, 200, answer.text);
    const { entry } = answer.json() as { entry: { response: { status: string } }[] };
    assert.match(entry[0]?.response.status ?? '', /^200/);
  });

  it('is not there for a caller who may not read it', async () => {
    const blind = { ...people.ehr, scope: 'system/Observation.cruds system/Patient.rs' };
    const refused = await conditional('DELETE', `code:below=${codes}|bread`, {}, blind);
    assert.equal(refused.status, 400, refused.text);
    assert.equal((await server.ask(people.ehr, 'GET', 'Observation/t3')).status, 200);
    const deleted = await conditional('DELETE', `code:below=${codes}|bread`);
    assert.equal(deleted.status, 204, deleted.text);
    assert.equal((await server.ask(people.ehr, 'GET', 'Observation/t3')).status, 410);
  });
});
