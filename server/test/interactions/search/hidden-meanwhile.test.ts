import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import {
  actor,
  consent,
  idsOf,
  observation,
  patient,
  putsTo,
} from '../../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);

const hides = {
  type: 'permit',
  provision: [{ type: 'deny', actor: actor('Practitioner/other-doctor') }],
};
const hide = () => put(consent('hides', 'a', hides));
const show = () => put(consent('hides', 'a', { type: 'permit' }));
const look = (query: string) => server.ask(people.otherDoctor, 'GET', `Observation?${query}`);

beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), observation('o', 'a', '1-1'));
});
afterAll(() => server.close());

describe('what a consent hides while it is searched for', () => {
  it('is absent from the answer, and no reason to refuse it', async () => {
    for (let round = 0; round < 20; round += 1) {
      await show();
      assert.deepEqual(idsOf(await look('code=1-1')), ['o']);
      const change = { done: false };
      const changed = hide().then(() => {
        change.done = true;
      });
      const looking: Promise<Answer>[] = [];
      while (!change.done) {
        looking.push(look('code=1-1'));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await changed;
      const answers = await Promise.all(looking);
      for (const answer of answers) assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(idsOf(await look('code=1-1')), []);
    }
  });

  it('is refused to staff who name the patient', async () => {
    await hide();
    assert.equal((await look('patient=a')).status, 403);
    assert.equal((await look('patient=a&code=1-1')).status, 403);
    await show();
    assert.deepEqual(idsOf(await look('patient=a')), ['o']);
  });
});
