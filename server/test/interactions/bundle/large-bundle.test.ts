import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../../support/app.ts';
import {
  bundlesOf,
  entry,
  observation,
  patient,
  responses,
  SYSTEM,
  uuid,
} from '../../support/bundles.ts';

const ENTRIES = 15_000;
const SMALL = 64 * 1024;

let server: TestApp;
beforeAll(async () => {
  server = await startApp({ CHARTSEAL_MAX_BODY: String(SMALL) });
});
afterAll(() => server.close());
const { get, transact, total } = bundlesOf(() => server);

describe('a large bundle', () => {
  it(`of ${ENTRIES} entries is one transaction, and others are served meanwhile`, async () => {
    await transact([entry('PUT', 'Patient/meanwhile', patient('meanwhile', { id: 'meanwhile' }))]);
    const entries = Array.from({ length: ENTRIES }, (_, i) =>
      i % 100 === 0
        ? entry('POST', 'Patient', patient(`large-${i}`), {
            fullUrl: uuid(i),
            ifNoneExist: `identifier=${SYSTEM}|large-${i}`,
          })
        : entry('POST', 'Observation', observation(uuid(i - (i % 100))), { fullUrl: uuid(i) }),
    );
    const state = { done: false };
    const answering = transact(entries).finally(() => {
      state.done = true;
    });
    let served = 0;
    while (!state.done) {
      assert.equal((await get('Patient/meanwhile')).status, 200);
      served += 1;
    }
    const made = responses(await answering);
    assert.equal(made.length, ENTRIES);
    assert.ok(made.every(({ response }) => response.status === '201 Created'));
    assert.ok(served > 20, `${served} requests were served meanwhile`);
    const last = made.at(-100)?.response.location?.split('/')[1];
    assert.equal(await total(`Observation?patient=${last}&_count=200`), 99);
  });

  it('has a limit of its own, larger than that of a resource', async () => {
    const text = 'x'.repeat(SMALL);
    const body = patient('big', { name: [{ text }] });
    const alone = await server.ask(people.ehr, 'POST', 'Patient', { body: JSON.stringify(body) });
    assert.equal(alone.status, 413);
    assert.equal(responses(await transact([entry('POST', 'Patient', body)])).length, 1);
    const small = await startApp({ CHARTSEAL_MAX_BUNDLE: String(SMALL) });
    try {
      const refused = await bundlesOf(() => small).transact([entry('POST', 'Patient', body)]);
      assert.equal(refused.status, 413);
    } finally {
      await small.close();
    }
  });
});
