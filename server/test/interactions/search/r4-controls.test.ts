import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { entriesOf, linkOf, patient, totalOf } from '../../support/clinical-samples.ts';

let server: TestApp;
const ask = (path: string): Promise<Answer> => server.ask(people.ehr, 'GET', path);
const ids = (answer: Answer): readonly (string | undefined)[] =>
  entriesOf(answer).map(({ resource }) => resource.id);

beforeAll(async () => {
  server = await startApp();
  for (const [id, family, birthDate] of [
    ['a', 'Bee', '1980-01-01'],
    ['b', 'Ant', '1990-01-01'],
    ['c', 'Bee', '1970-01-01'],
  ] as const) {
    const body = JSON.stringify({ ...patient(id, family), birthDate });
    assert.equal((await server.ask(people.ehr, 'PUT', `Patient/${id}`, { body })).status, 201);
  }
});
afterAll(() => server.close());

describe('what shapes the answer, by the letter of R4', () => {
  it('sorts by keys of one _sort or of several, the first before the others', async () => {
    for (const query of ['_sort=family,-birthdate', '_sort=family&_sort=-birthdate']) {
      const answer = await ask(`Patient?${query}`);
      assert.deepEqual(ids(answer), ['b', 'a', 'c'], query);
      assert.equal(linkOf(answer, 'self')?.split('?')[1], query);
    }
    const inner = await ask('Patient?_sort=family&_sort=birthdate');
    assert.deepEqual(ids(inner), ['b', 'c', 'a']);
    const several = await ask('?_type=Patient&_sort=family&_sort=birthdate');
    assert.deepEqual(ids(several), ['b', 'c', 'a']);
    for (const query of ['_sort=family&_sort=family', '_sort=family&_sort=nothing']) {
      const refused = await ask(`Patient?${query}`);
      assert.equal(refused.status, 400, query);
      assert.match(refused.text, /http\._sort/);
    }
  });

  it('takes any whole number for _count, and gives what it gives at most', async () => {
    for (const count of ['3', '999999999', '2147483648', '99999999999999999999', '0003']) {
      const answer = await ask(`Patient?_count=${count}`);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(entriesOf(answer).length, 3, count);
    }
    for (const count of ['-1', '1.0', '1e1', 'all', '0x1', ' 1', '%2B1']) {
      const refused = await ask(`Patient?_count=${count}`);
      assert.equal(refused.status, 400, count);
      assert.match(refused.text, /http\._count/);
    }
  });

  it('counts only, where nothing is to be shown', async () => {
    for (const query of [
      '_count=0',
      '_summary=count',
      '_count=0&_total=none',
      '_count=0&_sort=family',
    ]) {
      const answer = await ask(`Patient?${query}`);
      assert.equal(totalOf(answer), 3, query);
      const { link, entry } = answer.json() as { link: { relation: string }[]; entry?: unknown };
      assert.deepEqual([link.map(({ relation }) => relation), entry], [['self'], undefined], query);
    }
  });
});
