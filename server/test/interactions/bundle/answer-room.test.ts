import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { AnswerRoom } from '../../../src/interactions/bundle/answer-room.ts';
import { people, startApp, type TestApp } from '../../support/app.ts';
import { bundlesOf, entry, responses, statuses } from '../../support/bundles.ts';

const LIMIT = 65_536;

let server: TestApp;
const { post } = bundlesOf(() => server);
beforeAll(async () => {
  server = await startApp({ CHARTSEAL_MAX_BUNDLE: String(LIMIT) });
  const text = 'x'.repeat(8_000);
  for (const id of ['a', 'b']) {
    const body = JSON.stringify({ resourceType: 'Basic', id, code: { text } });
    assert.equal((await server.ask(people.ehr, 'PUT', `Basic/${id}`, { body })).status, 201);
  }
});
afterAll(() => server.close());

const read = (type: 'batch' | 'transaction', times: number) =>
  post(
    type,
    Array.from({ length: times }, (_, i) => entry('GET', `Basic/${i % 2 === 0 ? 'a' : 'b'}`)),
  );

describe('what a Bundle reads', () => {
  for (const type of ['batch', 'transaction'] as const) {
    it(`comes whole in a ${type} as long as there is room`, async () => {
      const answer = await read(type, 8);
      assert.deepEqual(new Set(statuses(answer)), new Set(['200']));
    });
  }

  it('is refused in a batch, entry by entry, once the answers are as large as a Bundle may be', async () => {
    const answer = await read('batch', 200);
    const told = responses(answer).map(({ response }) => response);
    const refused = told.filter(({ status }) => status.startsWith('400'));
    // Entries that were under way together are all answered.
    assert.ok(refused.length > 150, `${refused.length} refused`);
    assert.ok(answer.text.length < 4 * LIMIT + 200 * 500);
    assert.match(refused[0]?.outcome?.issue[0]?.diagnostics ?? '', /more than 65536 bytes/);
  });

  it('is refused in a transaction as a whole, naming the entry', async () => {
    const answer = await read('transaction', 40);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, /Bundle\.entry\[\d+\]\.request/);
    assert.match(answer.text, /too-costly/);
  });

  it('is counted in bytes, whether it is text or bytes already', async () => {
    for (const body of ['€€€€', Buffer.from('€€€€')]) {
      const room = new AnswerRoom(12);
      const act = () => Promise.resolve({ status: 200, body });
      assert.equal((await room.read(act)).body, body);
      await assert.rejects(room.read(act), /more than 12 bytes/);
    }
  });
});
