import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { idsOf, linkOf, observation, patient, putsTo } from '../../support/clinical-samples.ts';

let server: TestApp;

const put = putsTo(() => server);

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  server.ask(people.ehr, 'GET', path, { headers });

/** Parameters that the answer names as ignored. */
const ignoredBy = (answer: Answer): readonly string[] => {
  const { entry = [] } = answer.json() as {
    entry?: {
      search: { mode: string };
      resource: { issue?: { diagnostics: string; expression?: string[] }[] };
    }[];
  };
  return entry
    .filter(({ search }) => search.mode === 'outcome')
    .flatMap(({ resource }) => resource.issue ?? [])
    .filter(({ diagnostics }) => diagnostics.startsWith('Ignored: '))
    .flatMap(({ expression }) => expression ?? []);
};

beforeAll(async () => {
  server = await startApp();
  await put(
    patient('a', 'Ahorn'),
    patient('b', 'Berg'),
    ...['1', '2', '3'].map((id) => observation(id, 'a', '1-1')),
  );
});
afterAll(() => server.close());

describe('what a search ignores', () => {
  for (const [query, names] of [
    ['Observation?code=', ['http.code']],
    ['Observation?code&status=final', ['http.code']],
    ['Observation?code=&code=1-1&_sort=', ['http.code', 'http._sort']],
    ['Observation?nothing=', ['http.nothing']],
    ['Observation?_cursor=', ['http._cursor']],
    ['Observation?subject:Patient.name=', ['http.subject:Patient.name']],
    ['?_type=Observation&_id=&_elements=', ['http._id', 'http._elements']],
    ['Patient/a/Observation?_type=&code=', ['http._type', 'http.code']],
    ['Patient/a/*?_type=', ['http._type']],
    ['Observation?_contained=&_count=3', ['http._contained']],
    ['Medication?code=&_contained=true', ['http.code']],
  ] as const) {
    it(`is named, a parameter without value too: ${query}`, async () => {
      const answer = await get(query);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(ignoredBy(answer), names);
      const self = linkOf(answer, 'self') ?? '';
      for (const name of names.slice(1)) assert.ok(!self.includes(name.slice(5)), self);
    });
  }

  it('is what R4 does not have, when the caller is lenient', async () => {
    for (const name of ['_score', '_maxresults', '_type', '_nothing', 'nothing']) {
      const path = `Observation?${name}=1&code=1-1`;
      const refused = await get(path);
      assert.equal(refused.status, 400, refused.text);
      assert.match(refused.text, new RegExp(`"http\\.${name}"`));
      const answer = await get(path, { prefer: 'handling=lenient' });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(ignoredBy(answer), [`http.${name}`]);
      assert.deepEqual(idsOf(answer).slice(0, 3), ['1', '2', '3']);
    }
    const named = await get('Observation?_query=nothing', { prefer: 'handling=lenient' });
    assert.equal(named.status, 400, named.text);
  });

  it('is nothing otherwise', async () => {
    assert.deepEqual(ignoredBy(await get('Observation?code=1-1&&_sort=date')), []);
  });

  it('is never a part of a condition', async () => {
    const active = (id: string) => ({ ...patient(id, 'Esche'), active: true });
    await put(active('e'));
    const left = async (): Promise<readonly string[]> => idsOf(await get('Patient?active=true'));
    for (const query of ['identifier=&active=true', '_id=&active=true', 'active=true&nothing']) {
      const answer = await server.ask(people.ehr, 'DELETE', `Patient?${query}`);
      assert.equal(answer.status, 400, query);
      assert.match(answer.text, /"http\.(identifier|_id|nothing)"/);
      assert.deepEqual(await left(), ['e']);
    }
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Patient?active=true')).status, 204);
    assert.deepEqual(await left(), []);
  });
});

describe('the self link', () => {
  for (const query of [
    '_count=1&_count=2',
    '_total=none&_total=accurate',
    '_summary=false&_summary=true',
  ]) {
    it(`tells one value of what has one: ${query}`, async () => {
      const answer = await get(`Observation?${query}`);
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, new RegExp(`"http\\.${query.split('=')[0] ?? ''}"`));
      const [one = ''] = query.split('&');
      assert.equal((await get(`Observation?${one}`)).status, 200);
    });
  }
});

describe('the handling that is preferred', () => {
  for (const [prefer, status] of [
    ['handling=lenient', 200],
    ['Handling=Lenient', 200],
    ['return=minimal; handling="lenient"', 200],
    ['wait=10, handling = lenient', 200],
    ['handling=lenient, handling=strict', 200],
    ['handling=strict, handling=lenient', 400],
    ['foo="x, handling=lenient"', 400],
    ['foo="\\", handling=lenient"', 400],
    ['handling=lenient-ish', 400],
    ['nohandling=lenient', 400],
    ['handling', 400],
  ] as const) {
    it(`is the first that is named: ${prefer}`, async () => {
      assert.equal((await get('Observation?nothing=1', { prefer })).status, status);
    });
  }
});

describe('page links', () => {
  it('may be asked for in any representation', async () => {
    const next = linkOf(await get('Observation?_count=1'), 'next') ?? '';
    const path = next.slice(next.indexOf('Observation'));
    assert.deepEqual(idsOf(await get(path)), ['2']);
    assert.deepEqual(idsOf(await get(`${path}&_format=json&_pretty=true`)), ['2']);
    const xml = await get(`${path}&_format=xml`);
    assert.equal(xml.status, 200);
    assert.match(xml.text, /<id value="2"\/>/);
    assert.equal((await get(`${path}&_elements=code`)).status, 400);
  });
});
