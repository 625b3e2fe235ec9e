import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { CapabilityStatement } from 'fhir/r4.js';
import { ADMINISTERED, ADMINISTERED_TYPES } from '../../src/fhir/administered-types.ts';
import { APPEND_ONLY } from '../../src/fhir/append-only.ts';
import { WITHOUT_EFFECT } from '../../src/fhir/without-effect.ts';
import { people, requestsOf, startApp, type Answer, type TestApp } from '../support/app.ts';
import { actor, consent, patient } from '../support/clinical-samples.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const { send } = requestsOf(() => server);

const subscription = (status: string, id?: string) => ({
  resourceType: 'Subscription',
  ...(id === undefined ? {} : { id }),
  status,
  reason: 'x',
  criteria: 'Observation?status=final',
  channel: { type: 'rest-hook', endpoint: 'https://portal.test/hook' },
});

function assertRefused(answer: Answer): void {
  assert.equal(answer.status, 422, answer.text);
  assert.match(answer.text, /"code":"not-supported"/);
  assert.match(answer.text, /Nothing is sent yet/);
  assert.match(answer.text, /(Subscription|resource)\.status/);
}

describe('a Subscription that asks for something', () => {
  it('is refused on every way in, and can be kept when it asks for nothing', async () => {
    for (const status of ['off', 'error']) {
      const kept = await send('PUT', 'Subscription/s', subscription(status, 's'));
      assert.ok([200, 201].includes(kept.status), kept.text);
    }
    const replace = [{ op: 'replace', path: '/status', value: 'active' }];
    const json = { 'content-type': 'application/json-patch+json' };
    for (const status of ['requested', 'active']) {
      const entry = (method: string, url: string) => [
        { resource: subscription(status, 's'), request: { method, url } },
      ];
      const bundle = { resourceType: 'Bundle', type: 'transaction' };
      for (const answer of [
        await send('POST', 'Subscription', subscription(status)),
        await send('POST', 'Subscription', subscription(status), { 'if-none-exist': '_id=none' }),
        await send('PUT', 'Subscription/s', subscription(status, 's')),
        await send('PUT', 'Subscription/new', subscription(status, 'new')),
        await send('PUT', 'Subscription?_id=s', subscription(status, 's')),
        await send('PATCH', 'Subscription/s', replace, json),
        await send('PATCH', 'Subscription?_id=s', replace, json),
        await send('POST', '', { ...bundle, entry: entry('POST', 'Subscription') }),
        await send('POST', '', { ...bundle, entry: entry('PUT', 'Subscription/s') }),
      ]) {
        assertRefused(answer);
      }
      const batch = await send('POST', '', {
        ...bundle,
        type: 'batch',
        entry: entry('PUT', 'Subscription/s'),
      });
      assert.match(batch.text, /"422 [^]*Nothing is sent yet/);
      const judged = await send('POST', 'Subscription/$validate', subscription(status));
      assert.match(judged.text, /"severity":"error"[^]*Nothing is sent yet/);
    }
    const unsaid = { extension: [{ url: 'urn:x', valueString: 'soon' }] };
    const silent = { ...subscription('off'), status: undefined, _status: unsaid };
    assertRefused(await send('POST', 'Subscription', silent));
    const read = await server.ask(people.ehr, 'GET', 'Subscription/s');
    assert.equal(read.headers['etag'], 'W/"2"');
    assert.match(read.text, /"status":"error"/);
    const all = await server.ask(people.ehr, 'GET', 'Subscription?_total=accurate');
    assert.equal(all.json()['total'], 1);
  });
});

describe('what is stored without effect', () => {
  it('is told by the CapabilityStatement and the documentation in the same words', async () => {
    const answer = await server.ask(undefined, 'GET', 'metadata');
    const { rest } = answer.json() as unknown as CapabilityStatement;
    const said = new Map(
      (rest?.[0]?.resource ?? []).map(({ type, documentation }) => [type, documentation]),
    );
    const folder = join(import.meta.dirname, '..', '..', '..', 'docs', 'api');
    const page = readFileSync(join(folder, 'capabilities.md'), 'utf8');
    const rows = [...page.matchAll(/^\| ([A-Z]\w+) +\| (.*?) +\|$/gm)];
    assert.deepEqual(new Map(rows.map(([, type = '', text = '']) => [type, text])), WITHOUT_EFFECT);
    for (const [type, documentation] of said) {
      const rules = [
        APPEND_ONLY.get(type),
        ADMINISTERED_TYPES.has(type) ? ADMINISTERED : undefined,
      ];
      const expected = [WITHOUT_EFFECT.get(type), ...rules].filter((each) => each !== undefined);
      assert.equal(documentation ?? '', expected.join(' '), type);
    }
  });

  it('is told by a write whose client wants an outcome, alone and in a Bundle', async () => {
    const task = { resourceType: 'Task', status: 'requested', intent: 'order' };
    const prefer = { prefer: 'return=OperationOutcome' };
    const alone = await send('POST', 'Task', task, prefer);
    const entry = [{ resource: task, request: { method: 'POST', url: 'Task' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    for (const answer of [alone, await send('POST', '', bundle, prefer)]) {
      assert.match(answer.text, /"severity":"warning"[^]*performs no tasks/);
    }
    const basic = await send(
      'POST',
      'Basic',
      { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: 'Patient/a' } },
      prefer,
    );
    assert.doesNotMatch(basic.text, /warning/);
  });
});

describe('staff whom a consent refuses', () => {
  it('are not told to break the glass, which would not open it', async () => {
    await send('PUT', 'Patient/a', patient('a', 'Ant'));
    const deny = consent('no', 'a', { type: 'deny', actor: actor('Practitioner/other-doctor') });
    assert.equal((await send('PUT', 'Consent/no', deny)).status, 201);
    for (const purposes of [['TREAT'], ['BTG'], ['ETREAT']]) {
      const refused = await server.ask({ ...people.otherDoctor, purposes }, 'GET', 'Patient/a');
      assert.equal(refused.status, 403);
      assert.match(refused.text, /cannot break the glass[^]*turn to [^]*Organization\/hospital/);
      assert.doesNotMatch(refused.text, /BTG/);
      const other = await server.ask({ ...people.doctor, purposes }, 'GET', 'Patient/a');
      assert.equal(other.status, 200, other.text);
    }
  });
});
