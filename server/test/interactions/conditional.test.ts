import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { entry } from '../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const SYSTEM = 'urn:example:mrn';
const patient = (value: string, more: object = {}): string =>
  JSON.stringify({ resourceType: 'Patient', identifier: [{ system: SYSTEM, value }], ...more });
const which = (value: string): string => `identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`;

const createUnless = (value: string, caller: Caller = people.ehr): Promise<Answer> =>
  server.ask(caller, 'POST', 'Patient', {
    body: patient(value),
    headers: { 'if-none-exist': which(value) },
  });
async function count(value: string): Promise<number> {
  const answer = await server.ask(people.ehr, 'GET', `Patient?${which(value)}`);
  return ((answer.json() as { entry?: unknown[] }).entry ?? []).length;
}
const idOf = (answer: Answer): string => String(answer.json()['id']);

describe('conditional create', () => {
  it('makes what is not there, and shows what is', async () => {
    const first = await createUnless('cc-1');
    assert.equal(first.status, 201, first.text);
    const second = await createUnless('cc-1');
    assert.equal(second.status, 200, second.text);
    assert.equal(second.text, first.text);
    assert.equal(second.headers['etag'], 'W/"1"');
    assert.equal(await count('cc-1'), 1);
  });

  it('refuses criteria that select several, that select by nothing, or that are not understood', async () => {
    for (const id of ['x', 'y']) {
      const body = patient('cc-2', { id: `cc-2${id}` });
      assert.equal(
        (await server.ask(people.ehr, 'PUT', `Patient/cc-2${id}`, { body })).status,
        201,
      );
    }
    assert.equal((await createUnless('cc-2')).status, 412);
    for (const criteria of ['', '_count=1', 'unheard-of=1', 'identifier=%zz']) {
      const refused = await server.ask(people.ehr, 'POST', 'Patient', {
        body: patient('cc-3'),
        headers: { 'if-none-exist': criteria },
      });
      assert.equal(refused.status, 400, `${criteria}: ${refused.text}`);
    }
    assert.equal(await count('cc-3'), 0);
  });

  const ways: readonly [string, (condition: string, value: string) => Promise<Answer>][] = [
    [
      'a header',
      (condition, value) =>
        server.ask(people.ehr, 'POST', 'Patient', {
          body: patient(value),
          headers: { 'if-none-exist': condition },
        }),
    ],
    ...['batch', 'transaction'].map((type): (typeof ways)[number] => [
      `an entry of a ${type}`,
      (ifNoneExist, value) => {
        const one = entry('POST', 'Patient', patient(value), { ifNoneExist });
        return server.ask(people.ehr, 'POST', '', {
          body: `{"resourceType":"Bundle","type":"${type}","entry":[${one}]}`,
        });
      },
    ]),
  ];
  for (const [where, send] of ways) {
    it(`takes criteria with their type or our base in front, and no others: in ${where}`, async () => {
      const value = `front of ${where}`;
      const statusOf = (answer: Answer): string =>
        /"status":"(\d+)/.exec(answer.text)?.[1] ?? String(answer.status);
      assert.equal(statusOf(await send(which(value), value)), '201');
      for (const front of ['?', 'Patient?', '/Patient?', `${BASE}/Patient?`]) {
        const found = await send(`${front}${which(value)}`, value);
        assert.equal(statusOf(found), '200', `${front}: ${found.text}`);
      }
      for (const front of [
        ...['Observation?', 'patient?', 'Patient/x?', 'Patient/?', 'http://other.test/Patient?'],
        ...[`${BASE}/Observation?`, `${BASE}?`, `${BASE}/`, 'fhir/Patient?'],
      ]) {
        const refused = await send(`${front}${which(value)}`, value);
        assert.equal(statusOf(refused), '400', `${front}: ${refused.text}`);
      }
      assert.equal(await count(value), 1);
    });
  }

  it('says whose criteria it takes, and takes a question mark in a value for what it is', async () => {
    const refused = await server.ask(people.ehr, 'POST', 'Patient', {
      body: patient('mark'),
      headers: { 'if-none-exist': `Observation?${which('mark')}` },
    });
    assert.match(refused.text, /"expression":\["http\.If-None-Exist"\]/);
    assert.match(
      refused.text,
      /If-None-Exist \(in a Bundle ifNoneExist\) has criteria for Patient/,
    );
    const mark = 'http://example.org/a?b';
    for (const expected of [201, 200]) {
      const answer = await server.ask(people.ehr, 'POST', 'Patient', {
        body: patient(mark),
        headers: { 'if-none-exist': `identifier=${SYSTEM}|${mark}` },
      });
      assert.equal(answer.status, expected, answer.text);
    }
  });

  it('makes exactly one of each, 64 clients at once', async () => {
    const identifiers = Array.from({ length: 20 }, (_, i) => `race-${i}`);
    for (const value of identifiers) {
      const answers = await Promise.all(Array.from({ length: 64 }, () => createUnless(value)));
      assert.deepEqual(
        [...new Set(answers.map(({ status }) => status))].sort(),
        [200, 201],
        answers.find(({ status }) => status > 201)?.text,
      );
      assert.equal(answers.filter(({ status }) => status === 201).length, 1);
      assert.equal(new Set(answers.map(idOf)).size, 1);
    }
    const counts = await Promise.all(identifiers.map(count));
    assert.deepEqual(
      counts,
      identifiers.map(() => 1),
    );
  });

  it('tells nothing of what the caller may not see', async () => {
    await createUnless('hidden');
    const lab = { ...people.pharmacist, scope: 'system/*.cruds' };
    const theirs = await createUnless('hidden', lab);
    const other = await createUnless('never-there', lab);
    assert.equal(theirs.status, other.status, theirs.text);
    assert.ok(!theirs.text.includes(SYSTEM) || theirs.status === 201);
    assert.equal((await createUnless('hidden')).status, 200);
  });
});

describe('conditional update', () => {
  const put = (value: string, more: object = {}, headers: Record<string, string> = {}) =>
    server.ask(people.ehr, 'PUT', `Patient?${which(value)}`, {
      body: patient(value, more),
      headers,
    });

  it('makes, changes, and refuses as R4 says', async () => {
    const made = await put('cu-1');
    assert.equal(made.status, 201, made.text);
    const changed = await put('cu-1', { active: true });
    assert.equal(changed.status, 200, changed.text);
    assert.equal(idOf(changed), idOf(made));
    assert.equal(changed.headers['etag'], 'W/"2"');
    assert.equal((await put('cu-1', { id: 'another' })).status, 400);
    assert.equal((await put('cu-1', {}, { 'if-match': 'W/"1"' })).status, 412);
    assert.equal((await put('cu-1', {}, { 'if-match': 'W/"2"' })).status, 200);
    const named = await put('cu-2', { id: 'cu-2-own' });
    assert.equal(named.status, 201);
    assert.equal(idOf(named), 'cu-2-own');
    assert.equal((await put('cu-3', { id: 'cu-2-own' })).status, 409);
    await server.ask(people.ehr, 'POST', 'Patient', { body: patient('cu-1') });
    assert.equal((await put('cu-1')).status, 412);
  });

  it('makes exactly one of each, 64 clients at once', async () => {
    for (const value of ['update-race-1', 'update-race-2', 'update-race-3']) {
      const answers = await Promise.all(Array.from({ length: 64 }, () => put(value)));
      assert.equal(answers.filter(({ status }) => status === 201).length, 1);
      assert.equal(answers.filter(({ status }) => status === 200).length, 63);
      assert.equal(await count(value), 1);
    }
  });
});

describe('conditional delete', () => {
  const remove = (value: string, caller: Caller = people.ehr) =>
    server.ask(caller, 'DELETE', `Patient?${which(value)}`);

  it('deletes the one, or nothing, never several', async () => {
    await createUnless('cd-1');
    assert.equal((await remove('cd-1')).status, 204);
    assert.equal(await count('cd-1'), 0);
    assert.equal((await remove('cd-1')).status, 204);
    for (let i = 0; i < 2; i += 1) {
      await server.ask(people.ehr, 'POST', 'Patient', { body: patient('cd-2') });
    }
    assert.equal((await remove('cd-2')).status, 412);
    assert.equal(await count('cd-2'), 2);
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Patient')).status, 400);
  });

  it('does not see what the caller may not see', async () => {
    await createUnless('cd-3');
    assert.equal((await remove('cd-3', people.pharmacist)).status, 204);
    assert.equal(await count('cd-3'), 1);
    assert.equal((await remove('cd-3')).status, 204);
    assert.equal(await count('cd-3'), 0);
  });
});

describe('conditional read', () => {
  it('answers 304 when the client has the version, after the decision and its record', async () => {
    const made = await createUnless('cr-1');
    const id = idOf(made);
    const get = (headers: Record<string, string>, caller: Caller = people.ehr) =>
      server.ask(caller, 'GET', `Patient/${id}`, { headers });
    for (const tag of ['W/"1"', '*', 'W/"7", W/"1"']) {
      const unchanged = await get({ 'if-none-match': tag });
      assert.equal(unchanged.status, 304);
      assert.equal(unchanged.text, '');
      assert.equal(unchanged.headers['etag'], 'W/"1"');
    }
    assert.equal((await get({ 'if-none-match': 'W/"2"' })).status, 200);
    const modified = String(made.headers['last-modified']);
    assert.equal((await get({ 'if-modified-since': modified })).status, 304);
    assert.equal((await get({ 'if-modified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' })).status, 200);
    assert.equal((await get({ 'if-none-match': 'W/"1"' }, people.pharmacist)).status, 404);
    const log = await server.ask(people.auditor, 'GET', `Patient/${id}/$access-log`);
    assert.equal(log.text.match(/"code":"read"/g)?.length, 7);
  });

  it('passes over a date that is not written as HTTP writes it, whatever else could read it', async () => {
    const id = idOf(await createUnless('cr-2'));
    const since = (date: string) =>
      server.ask(people.ehr, 'GET', `Patient/${id}`, { headers: { 'if-modified-since': date } });
    for (const none of ['2050', '2050-01-01', '2050-01-01T00:00:00Z', 'Jan 1 2050', '']) {
      assert.equal((await since(none)).status, 200, none);
    }
    assert.equal((await since('Friday, 31-Dec-49 23:59:59 GMT')).status, 304);
  });
});
