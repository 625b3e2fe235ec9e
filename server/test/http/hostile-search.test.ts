import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { people, startApp, type TestApp } from '../support/app.ts';
import { medicationRequest, observation, patient } from '../support/clinical-samples.ts';
import { targets } from '../support/hostile-queries.ts';
import { hostileValues } from '../support/hostile-values.ts';
import { r4 } from '../support/r4.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const resource of [
    patient('b', 'Berg'),
    observation('b1', 'b', '1-1'),
    medicationRequest('b2', 'b'),
  ]) {
    const path = `${resource.resourceType}/${resource.id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());

/** Milliseconds. */
const LONGEST = 100;

/** How a value may be written in a URL; some have no proper way. */
const write = (value: string): string =>
  value.isWellFormed() ? encodeURIComponent(value) : encodeURIComponent(value.toWellFormed());

describe('hostile searches over HTTP', () => {
  it('get an answer or a refusal, never a failure, and keep nobody waiting', async () => {
    const types = new Set(['Observation', 'Patient', 'MedicationRequest']);
    const all = targets(r4).filter(({ type }) => types.has(type));
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...all),
        fc.constantFrom(...hostileValues()),
        fc.constantFrom('GET', 'raw', 'POST', 'lenient', 'system'),
        async ({ type, name }, value, how) => {
          const query = `${how === 'raw' ? name : write(name)}=${how === 'raw' ? value : write(value)}`;
          // Header lines are bounded by Node itself; a form is not.
          const posted = how === 'POST' || query.length > 8_000;
          const path = how === 'system' ? '' : type;
          const send = () =>
            posted
              ? server.ask(people.doctor, 'POST', `${path}/_search`.replace(/^\//, ''), {
                  body: query,
                  headers: { 'content-type': 'application/x-www-form-urlencoded' },
                })
              : server.ask(people.doctor, 'GET', `${path}?${query}`, {
                  headers: how === 'lenient' ? { prefer: 'handling=lenient' } : {},
                });
          await send();
          const before = process.threadCpuUsage();
          const answer = await send();
          // Of this thread, in all: however busy the machine is, nobody was kept waiting for longer.
          const { user, system } = process.threadCpuUsage(before);
          const busy = (user + system) / 1e3;
          assert.ok(busy <= LONGEST, `it took ${busy} ms of the event loop's thread`);
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          assert.ok(answer.status < 500, `${answer.status} ${answer.text.slice(0, 300)}`);
          assert.match(String(answer.headers['content-type']), /^application\/fhir\+json/);
          const { resourceType } = answer.json();
          assert.equal(resourceType, answer.status === 200 ? 'Bundle' : 'OperationOutcome');
        },
      ),
      { numRuns: 1_000 },
    );
    assert.ok(
      (statuses.get(200) ?? 0) > 50 && (statuses.get(400) ?? 0) > 50,
      JSON.stringify([...statuses]),
    );
    const control = await server.ask(people.doctor, 'GET', 'Observation?code=1-1');
    assert.match(control.text, /"b1"/);
  });
});
