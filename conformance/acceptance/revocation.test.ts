import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { ask, ids, outcomeOf } from './support/fhir-client.ts';

const path = 'Consent/demo-a-pharmacy';
const tries = 200;

async function writeConsent(status: 'active' | 'inactive'): Promise<void> {
  const current = await ask('system', path);
  assert.equal(current.status, 200, current.text);
  const resource = JSON.parse(current.text) as Record<string, unknown>;
  const answer = await ask('system', path, {
    method: 'PUT',
    body: JSON.stringify({ ...resource, status }),
  });
  assert.equal(answer.status, 200, answer.text);
}

describe('revoking a consent through FHIR', () => {
  it(`is in force in the first read sent after the answer, ${tries} times out of ${tries}`, async () => {
    const request = 'MedicationRequest/demo-a-metformin';
    try {
      for (let attempt = 1; attempt <= tries; attempt += 1) {
        await writeConsent('active');
        const permitted = await ask('pharmacist', request);
        assert.equal(permitted.status, 200, `try ${attempt}, consent given: ${permitted.text}`);

        await writeConsent('inactive');
        // Both ways out at once: neither may be late.
        const [read, found] = await Promise.all([
          ask('pharmacist', request),
          ids('pharmacist', 'MedicationRequest?patient=demo-a'),
        ]);
        assert.equal(read.status, 404, `try ${attempt}, consent revoked: ${read.text}`);
        assert.deepEqual(found, [], `try ${attempt}, consent revoked`);
      }
    } finally {
      await writeConsent('active');
    }
    assert.equal((await ids('pharmacist', 'MedicationRequest?patient=demo-a')).length, 3);
  }, 600_000);

  it('refuses reads that race with it, or serves them before its answer', async () => {
    try {
      for (let attempt = 1; attempt <= 20; attempt += 1) {
        await writeConsent('active');
        const racing = Array.from({ length: 8 }, () =>
          ask('pharmacist', 'MedicationRequest/demo-a-metformin'),
        );
        await writeConsent('inactive');
        const after = await ask('pharmacist', 'MedicationRequest/demo-a-metformin');
        assert.equal(after.status, 404, `try ${attempt}`);
        for (const answer of await Promise.all(racing)) {
          assert.ok([200, 404].includes(answer.status), `try ${attempt}: ${answer.text}`);
        }
      }
    } finally {
      await writeConsent('active');
    }
  }, 300_000);

  it('can be done by deleting the consent, and undone', async () => {
    const before = await ask('system', path);
    assert.equal(before.status, 200);
    assert.equal((await ask('pharmacist', 'MedicationRequest/demo-a-metformin')).status, 200);
    const deleted = await ask('system', path, { method: 'DELETE' });
    assert.ok([200, 204].includes(deleted.status), deleted.text);
    outcomeOf(await ask('pharmacist', 'MedicationRequest/demo-a-metformin'), 404);
    const restored = await ask('system', path, { method: 'PUT', body: before.text });
    assert.ok([200, 201].includes(restored.status), restored.text);
    assert.equal((await ask('pharmacist', 'MedicationRequest/demo-a-metformin')).status, 200);
  });
});
