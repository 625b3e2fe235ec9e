import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { bundlesOf, entry, statuses } from '../support/bundles.ts';
import { consent } from '../support/clinical-samples.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp({
    CHARTSEAL_REFERENCES: 'write-and-delete',
    CHARTSEAL_CONDITIONAL_DELETE: 'multiple',
  });
  for (const id of ['a', 'b', 'c']) await put('Patient', id);
});
afterAll(() => server.close());

const ask = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  resource?: object,
): Promise<Answer> =>
  server.ask(people.ehr, method, path, resource && { body: JSON.stringify(resource) });

async function put(resourceType: string, id: string, more: object = {}): Promise<void> {
  const answer = await ask('PUT', `${resourceType}/${id}`, { resourceType, id, ...more });
  assert.ok(answer.status < 300, answer.text);
}

const aConsent = (id: string, patient: string, more: object = {}) => ({
  ...consent(id, patient, { type: 'permit' }),
  ...more,
});
const putConsent = async (id: string, patient: string, more: object = {}): Promise<Answer> =>
  ask('PUT', `Consent/${id}`, aConsent(id, patient, more));

const basicOn = (target: string, id: string) => ({
  resourceType: 'Basic',
  id,
  code: { text: 'x' },
  subject: { reference: target },
});

describe('a Consent that others refer to', () => {
  it('cannot be deleted, in whatever interaction, and stays in force', async () => {
    const identifier = [{ system: 'urn:x', value: 'referred' }];
    assert.equal((await putConsent('referred', 'a', { identifier })).status, 201);
    await put('Basic', 'of', basicOn('Consent/referred', 'of'));
    const { transact } = bundlesOf(() => server);
    for (const act of [
      () => ask('DELETE', 'Consent/referred'),
      () => ask('DELETE', 'Consent?identifier=urn:x|referred'),
      () => transact([entry('DELETE', 'Consent/referred')]),
    ]) {
      const refused = await act();
      assert.equal(refused.status, 409, refused.text);
      assert.doesNotMatch(refused.text, /Basic/);
    }
    assert.equal((await ask('GET', 'Consent/referred')).status, 200);
    // Nothing of the attempts is left: it can be changed and referred to, and goes when nobody refers to it.
    await put('Basic', 'too', basicOn('Consent/referred', 'too'));
    assert.equal((await putConsent('referred', 'a')).status, 200);
    assert.equal((await ask('DELETE', 'Basic/of')).status, 204);
    assert.equal((await ask('DELETE', 'Basic/too')).status, 204);
    assert.equal((await ask('DELETE', 'Consent/referred')).status, 204);
    const late = await ask('POST', 'Basic', basicOn('Consent/referred', 'late'));
    assert.equal(late.status, 422, late.text);
    assert.equal((await putConsent('referred', 'a')).status, 201);
    await put('Basic', 'anew', basicOn('Consent/referred', 'anew'));
  });

  it('is not held back by records of it, which nobody can take away', async () => {
    assert.equal((await putConsent('recorded', 'a')).status, 201);
    await put('Provenance', 'stays', {
      target: [{ reference: 'Consent/recorded' }],
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ who: { reference: 'http://elsewhere.org/Practitioner/x' } }],
    });
    assert.equal((await ask('DELETE', 'Consent/recorded')).status, 204);
    assert.equal((await ask('GET', 'Provenance/stays')).status, 200);
  });

  it('goes with what refers to it where a transaction may delete both', async () => {
    await putConsent('first', 'b');
    await putConsent('second', 'b', { sourceReference: { reference: 'Consent/first' } });
    assert.equal((await ask('DELETE', 'Consent/first')).status, 409);
    const { transact } = bundlesOf(() => server);
    const both = [entry('DELETE', 'Consent/first'), entry('DELETE', 'Consent/second')];
    assert.deepEqual(statuses(await transact(both)), ['204', '204']);
  });

  it('is not referred to when it is deleted at the same moment', async () => {
    for (let i = 0; i < 15; i += 1) {
      const id = `moment-${i}`;
      assert.equal((await putConsent(id, 'c')).status, 201);
      const acts = [
        ...[1, 2, 3, 4].map(
          (n) => () => ask('PUT', `Basic/${id}-${n}`, basicOn(`Consent/${id}`, `${id}-${n}`)),
        ),
        () => ask('DELETE', `Consent/${id}`),
      ];
      const answers = await Promise.all(
        (i % 2 === 0 ? acts : acts.toReversed()).map((act) => act()),
      );
      for (const { status, text } of answers)
        assert.ok([201, 204, 409, 422].includes(status), text);
      await assertNoneDangles(`Consent/${id}`, `Basic?subject=Consent/${id}`);
    }
  });
});

describe('what a Consent refers to', () => {
  const by = (id: string) => ({ performer: [{ reference: `Practitioner/${id}` }] });

  it('is kept from being deleted, also at the same moment', async () => {
    for (let i = 0; i < 15; i += 1) {
      const id = `kept-${i}`;
      await put('Practitioner', id);
      const acts = [
        ...['a', 'b', 'c'].map((patient) => () => putConsent(`${id}-${patient}`, patient, by(id))),
        () => ask('DELETE', `Practitioner/${id}`),
      ];
      const answers = await Promise.all(
        (i % 2 === 0 ? acts : acts.toReversed()).map((act) => act()),
      );
      for (const { status, text } of answers)
        assert.ok([201, 204, 409, 422].includes(status), text);
      await assertNoneDangles(`Practitioner/${id}`, `Consent?consentor=Practitioner/${id}`);
    }
  });
});

async function assertNoneDangles(target: string, search: string): Promise<void> {
  const there = (await ask('GET', target)).status === 200;
  const { entry: referring = [] } = (await ask('GET', search)).json() as { entry?: unknown[] };
  assert.ok(there || referring.length === 0, `${target} is gone, and referred to`);
}
