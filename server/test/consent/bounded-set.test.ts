import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { MOST_BYTES, MOST_CONSENTS } from '../../src/consent/bounded-set.ts';
import { people, startApp, type TestApp } from '../support/app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  const body = JSON.stringify({ resourceType: 'Patient', id: 'a' });
  assert.equal((await server.ask(people.ehr, 'PUT', 'Patient/a', { body })).status, 201);
});
afterAll(() => server.close());

/** A Consent of the patient that denies so many codes. */
function consent(id: string, codes: number): string {
  return JSON.stringify({
    resourceType: 'Consent',
    id,
    status: 'active',
    scope: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
      ],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/a' },
    dateTime: '2026-01-01T00:00:00Z',
    policyRule: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }],
    },
    provision: {
      provision: [
        {
          type: 'deny',
          code: Array.from({ length: codes }, (_, i) => ({
            coding: [{ system: 'http://loinc.org', code: `${i}-${i % 10}` }],
          })),
        },
      ],
    },
  });
}

const put = (id: string, codes: number) =>
  server.ask(people.patientA, 'PUT', `Consent/${id}`, { body: consent(id, codes) });

describe('the Consents of one patient', () => {
  it(`come to ${MOST_BYTES / 1024} KiB of rules, and may become less`, async () => {
    let refused = 0;
    for (let i = 0; i < 20; i += 1) {
      const { status, text } = await put(`large-${i}`, 300);
      if (status === 201) continue;
      refused += 1;
      assert.equal(status, 422, text);
      assert.match(text, /"Consent\.provision"/);
    }
    assert.ok(refused > 10 && refused < 19, `${refused} were refused`);
    assert.equal((await put('large-0', 1)).status, 200);
    assert.equal((await server.ask(people.patientA, 'DELETE', 'Consent/large-0')).status, 204);
    assert.equal((await server.ask(people.patientA, 'GET', 'Consent/large-19')).status, 404);
  });

  it(`are ${MOST_CONSENTS} at most`, async () => {
    for (let i = 0; i < 20; i += 1)
      await server.ask(people.patientA, 'DELETE', `Consent/large-${i}`);
    for (let i = 0; i < MOST_CONSENTS; i += 1) assert.equal((await put(`n-${i}`, 1)).status, 201);
    const { status, text } = await put('one-more', 1);
    assert.equal(status, 422);
    assert.match(text, /"expression":\["Consent"\]/);
    assert.equal((await put('n-0', 2)).status, 200, 'those that there are may be changed');
    assert.equal((await server.ask(people.patientA, 'DELETE', 'Consent/n-0')).status, 204);
    assert.equal((await put('one-more', 1)).status, 201);
  });
});
