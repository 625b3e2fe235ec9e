import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { patient, putsTo } from '../support/clinical-samples.ts';

const MRN = 'urn:mrn';
const admin: Caller = { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' };
const writing: Caller = { ...people.patientB, scope: 'patient/*.cruds' };

let server: TestApp;
const put = putsTo(() => server);
const { ask, statusOf } = requestsOf(() => server);
beforeAll(async () => {
  server = await startApp({ CHARTSEAL_PATIENT_IDENTIFIER_SYSTEMS: MRN });
});
afterAll(() => server.close());

const numbered = (id: string, ...values: readonly string[]) => ({
  ...patient(id, 'Name'),
  identifier: [
    { system: 'urn:other', value: '1' },
    ...values.map((value) => ({ system: MRN, value })),
  ],
});

describe('an identifier that tells whose data something is', () => {
  it('is given to a patient by systems and administration only', async () => {
    await put(numbered('a', '7'), patient('b', 'Berg'));
    const report = {
      resourceType: 'Observation',
      id: 'of-8',
      status: 'final',
      code: { text: 'x' },
      subject: { identifier: { system: MRN, value: '8' } },
    };
    await put(report);
    for (const caller of [writing, people.doctor]) {
      const refused = await ask(caller, 'PUT', 'Patient/b', numbered('b', '8'));
      assert.equal(refused.status, 403, refused.text);
      assert.match(refused.text, /"Patient\.identifier"/);
      assert.equal((await ask(caller, 'PUT', 'Patient/b', numbered('b'))).status, 200);
    }
    assert.equal(await statusOf(people.patientB, 'Observation/of-8'), 404);
    assert.equal((await ask(people.doctor, 'PUT', 'Patient/a', numbered('a', '7'))).status, 200);
    assert.equal((await ask(admin, 'PUT', 'Patient/b', numbered('b', '8'))).status, 200);
    assert.equal(await statusOf(people.patientB, 'Observation/of-8'), 200);
  });
});

describe('a change that was refused after the ledger had permitted it', () => {
  it('is refused in the log of the patient', async () => {
    await put(numbered('c'));
    const refused = await ask(people.doctor, 'PUT', 'Patient/c', numbered('c', '9'));
    assert.equal(refused.status, 403);
    const log = await ask(people.ehr, 'GET', 'Patient/c/$access-log');
    const entries = (
      log.json() as { entry: { resource: { outcome?: string; outcomeDesc?: string } }[] }
    ).entry.map(({ resource }) => resource);
    const [last] = entries.filter(({ outcome }) => outcome === '8');
    assert.match(last?.outcomeDesc ?? '', /^refused: change-refused/);
    assert.equal(entries.filter(({ outcome }) => outcome === '0').length, 2, log.text);
  });
});
