import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import {
  SYSTEM,
  bundlesOf,
  entry,
  observation,
  patient,
  pathOf,
  responses,
  statuses,
  uuid,
} from '../../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp({ CHARTSEAL_CONDITIONAL_DELETE: 'multiple' });
});
afterAll(() => server.close());
const { get, post, transact, total } = bundlesOf(() => server);

const which = (value: string) => `identifier=${SYSTEM}|${value}`;
const remove = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  server.ask(people.ehr, 'DELETE', path, { headers });
async function three(value: string): Promise<void> {
  const made = await transact([1, 2, 3].map(() => entry('POST', 'Patient', patient(value))));
  assert.deepEqual(statuses(made), ['201', '201', '201']);
}

describe('a conditional delete of several', () => {
  it('deletes all that the criteria select, and says so in the capability statement', async () => {
    await three('d1');
    assert.equal((await remove(`Patient?${which('d1')}`, { 'if-match': 'W/"1"' })).status, 412);
    assert.equal(await total(`Patient?${which('d1')}`), 3);
    assert.equal((await remove(`Patient?${which('d1')}`)).status, 204);
    assert.equal(await total(`Patient?${which('d1')}`), 0);
    assert.equal((await remove(`Patient?${which('d1')}`)).status, 204);
    const { rest } = (await get('metadata')).json() as unknown as {
      rest: [{ resource: { conditionalDelete: string }[] }];
    };
    assert.equal(rest[0].resource[0]?.conditionalDelete, 'multiple');
  });

  it('asks what must hold of each, alone and in a Bundle', async () => {
    const past = 'Mon, 01 Jan 2001 00:00:00 GMT';
    const inBundle = async (type: string, more: object): Promise<string> => {
      const answer = await post(type, [entry('DELETE', `Patient?${which('d4')}`, undefined, more)]);
      return answer.status === 200 ? (statuses(answer)[0] ?? '') : String(answer.status);
    };
    await three('d4');
    for (const ifMatch of ['W/"1"', 'W/"1", W/"2"']) {
      assert.equal((await remove(`Patient?${which('d4')}`, { 'if-match': ifMatch })).status, 412);
      for (const type of ['batch', 'transaction']) {
        assert.equal(await inBundle(type, { ifMatch }), '412');
      }
    }
    for (const ifNoneMatch of ['*', 'W/"2", W/"1"']) {
      const headers = { 'if-none-match': ifNoneMatch };
      assert.equal((await remove(`Patient?${which('d4')}`, headers)).status, 412);
      for (const type of ['batch', 'transaction']) {
        assert.equal(await inBundle(type, { ifNoneMatch }), '412');
      }
    }
    const late = await remove(`Patient?${which('d4')}`, { 'if-unmodified-since': past });
    assert.equal(late.status, 412);
    assert.equal(await total(`Patient?${which('d4')}`), 3);
    for (const type of ['batch', 'transaction']) {
      assert.equal(await inBundle(type, { ifMatch: '*', ifNoneMatch: '"7"' }), '204');
      assert.equal(await total(`Patient?${which('d4')}`), 0);
      await three('d4');
    }
    assert.equal((await remove(`Patient?${which('d4')}`, { 'if-match': '*' })).status, 204);
    assert.equal((await remove(`Patient?${which('d4')}`, { 'if-match': '*' })).status, 412);
  });

  it('works inside a transaction, with what is made anew in it', async () => {
    await three('d2');
    const answer = await transact([
      entry('POST', 'Patient', patient('d2'), { ifNoneExist: which('d2') }),
      entry('DELETE', `Patient?${which('d2')}`),
    ]);
    assert.deepEqual(statuses(answer), ['201', '204'], answer.text);
    assert.equal(await total(`Patient?${which('d2')}`), 1);
  });

  it('leaves alone what the caller may not see', async () => {
    const secret = [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
    ];
    await three('d3');
    const hidden = await server.ask(people.ehr, 'PUT', 'Patient/d3', {
      body: JSON.stringify(patient('d3', { id: 'd3', meta: { security: secret } })),
    });
    assert.equal(hidden.status, 201, hidden.text);
    assert.equal((await remove(`Patient?${which('d3')}`)).status, 204);
    const self = { ...people.patientA, patient: 'd3', user: 'Patient/d3' };
    assert.equal((await get('Patient/d3', self)).status, 200);
  });
});

describe('the same criteria twice in a transaction', () => {
  it('create one resource, that both links lead to', async () => {
    const answer = await transact([
      entry('POST', 'Patient', patient('t1'), { fullUrl: uuid(1), ifNoneExist: which('t1') }),
      entry('POST', 'Patient', patient('t1'), { fullUrl: uuid(2), ifNoneExist: which('t1') }),
      entry('POST', 'Observation', observation(uuid(1))),
      entry('POST', 'Observation', observation(uuid(2))),
      entry('POST', 'Observation', observation(`Patient?${which('t1')}`)),
    ]);
    assert.deepEqual(statuses(answer), ['201', '200', '201', '201', '201'], answer.text);
    assert.equal(pathOf(answer, 1), pathOf(answer, 0));
    assert.equal(responses(answer)[1]?.response.etag, 'W/"1"');
    assert.equal(await total(`Patient?${which('t1')}`), 1);
    assert.equal(await total(`Observation?subject=${pathOf(answer, 0)}`), 3);
    const again = await transact([
      entry('POST', 'Patient', patient('t1'), { ifNoneExist: which('t1') }),
      entry('POST', 'Patient', patient('t1'), { ifNoneExist: which('t1') }),
    ]);
    assert.deepEqual(statuses(again), ['200', '200']);
  });

  it('cannot create and update, which would be the same resource twice', async () => {
    const answer = await transact([
      entry('POST', 'Patient', patient('t2'), { ifNoneExist: which('t2') }),
      entry('PUT', `Patient?${which('t2')}`, patient('t2')),
    ]);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(await total(`Patient?${which('t2')}`), 0);
  });
});

describe('a response entry', () => {
  it('has the fullUrl of its resource, once', async () => {
    const answer = await transact(
      [
        entry('PUT', 'Patient/full', patient('full', { id: 'full' })),
        entry('GET', 'Patient/full'),
        entry('GET', `Patient?${which('full')}`),
      ],
      people.ehr,
      { prefer: 'return=representation' },
    );
    const urls = responses(answer).map((each) => (each as { fullUrl?: string }).fullUrl);
    assert.deepEqual(urls, [`${BASE}/Patient/full`, undefined, undefined]);
  });
});
