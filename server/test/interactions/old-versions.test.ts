import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  people,
  requestsOf,
  startApp,
  type Answer,
  type Caller,
  type TestApp,
} from '../support/app.ts';
import { idsOf, labelled, linkOf, observation, patient } from '../support/clinical-samples.ts';

let server: TestApp;
const { ask, send, statusOf } = requestsOf(() => server);
beforeAll(async () => {
  server = await startApp();
  for (const id of ['a', 'b']) await put(patient(id, `F${id}`));
});
afterAll(() => server.close());

type Resource = Readonly<Record<string, unknown>> & {
  readonly resourceType: string;
  readonly id: string;
};
async function put(resource: Resource): Promise<void> {
  const answer = await send('PUT', `${resource.resourceType}/${resource.id}`, resource);
  assert.ok(answer.status < 300, answer.text);
}

/** Numbers of the versions of a resource that a history shows. */
async function shownIn(caller: Caller, path: string, id: string): Promise<readonly string[]> {
  const answer = await ask(caller, 'GET', path);
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  const { entry = [] } = answer.json() as {
    readonly entry?: readonly {
      readonly fullUrl: string;
      readonly response: { readonly etag: string };
    }[];
  };
  return entry
    .filter(({ fullUrl }) => fullUrl.endsWith(`/${id}`))
    .map(({ response }) => /\d+/.exec(response.etag)?.[0] ?? '');
}

/** By its path below the version, what shows an old version by itself. */
const WAYS = ['', '/$evidence', '/$meta'];

describe('an old version', () => {
  it('is protected by a label that was raised later', async () => {
    await put(observation('raised', 'a', 'c'));
    const old = 'Observation/raised/_history/1';
    for (const way of WAYS) {
      assert.equal(await statusOf(people.doctor, old + way), 200, `control: ${way}`);
    }
    assert.deepEqual(await shownIn(people.doctor, 'Observation/_history', 'raised'), ['1']);
    await put(labelled(observation('raised', 'a', 'c'), 'R'));
    for (const way of WAYS) assert.equal(await statusOf(people.doctor, old + way), 403, way);
    assert.equal(await statusOf(people.doctor, 'Observation/raised/_history'), 403);
    for (const path of ['Observation/_history', '_history']) {
      assert.deepEqual(await shownIn(people.doctor, path, 'raised'), [], path);
      assert.deepEqual(await shownIn(people.patientA, path, 'raised'), ['2', '1'], path);
    }
    assert.equal(await statusOf(people.patientA, old), 200);
    await put(observation('raised', 'a', 'c'));
    assert.equal(await statusOf(people.doctor, old), 200, 'control: lowered again');
    // The one between stays what it was.
    assert.equal(await statusOf(people.doctor, 'Observation/raised/_history/2'), 403);
    const whole = await ask(people.doctor, 'GET', 'Observation/raised/_history');
    assert.equal(whole.json()['total'], 2);
    assert.deepEqual(await shownIn(people.doctor, 'Observation/raised/_history', 'raised'), [
      '3',
      '1',
    ]);
    const paged = await ask(people.doctor, 'GET', 'Observation/raised/_history?_count=1');
    assert.equal(paged.json()['total'], 2, 'every page counts what is seen');
  });

  it('needs the patient that it had, and the one that it was corrected to', async () => {
    await put(observation('moved', 'a', 'c'));
    const old = 'Observation/moved/_history/1';
    assert.equal(await statusOf(people.patientA, old), 200);
    await put(observation('moved', 'b', 'c'));
    for (const who of [people.patientA, people.patientB]) {
      assert.equal(await statusOf(who, old), 404, who.patient);
    }
    assert.equal(await statusOf(people.patientB, 'Observation/moved'), 200, 'control');
    assert.deepEqual(await shownIn(people.patientB, 'Observation/moved/_history', 'moved'), ['2']);
    assert.deepEqual(await shownIn(people.patientA, 'Observation/_history', 'moved'), []);
    assert.equal(await statusOf(people.doctor, old), 200, 'control: allowed for both');
  });

  it('is protected by what a deletion deleted', async () => {
    await put(observation('gone', 'a', 'c'));
    await put(labelled(observation('gone', 'a', 'c'), 'R'));
    assert.equal((await send('DELETE', 'Observation/gone', undefined)).status, 204);
    assert.equal(await statusOf(people.doctor, 'Observation/gone/_history/1'), 403);
    assert.equal(await statusOf(people.patientA, 'Observation/gone/_history/1'), 200, 'control');
    assert.deepEqual(await shownIn(people.doctor, 'Observation/_history', 'gone'), []);
    assert.deepEqual(await shownIn(people.patientA, 'Observation/_history', 'gone'), [
      '3',
      '2',
      '1',
    ]);
  });

  it('is left out of a later page, which is as of the first', async () => {
    const ids = ['p1', 'p2', 'p3'];
    for (const id of ids) await put(observation(id, 'b', 'paged'));
    const first = await ask(people.doctor, 'GET', 'Observation?code=paged&_count=1&_sort=_id');
    await put(labelled(observation('p2', 'b', 'paged'), 'R'));
    const next = (answer: Answer): string => linkOf(answer, 'next')?.split('/fhir/')[1] ?? '';
    const second = await ask(people.doctor, 'GET', next(first));
    assert.deepEqual(idsOf(second), []);
    assert.deepEqual(idsOf(await ask(people.doctor, 'GET', next(second))), ['p3'], 'control');
  });
});
