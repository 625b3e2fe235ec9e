import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, type Caller } from '../support/app.ts';
import { serverProcess, type LoggedProcess } from '../support/server-process.ts';

let server: LoggedProcess;
beforeAll(async () => {
  server = await serverProcess({ CHARTSEAL_LOG_LEVEL: 'info' });
  await server.start();
});
afterAll(() => server.remove());

interface Line {
  readonly reqId: string;
  readonly actor: string;
  readonly status: number;
}

type Method = Parameters<LoggedProcess['ask']>[1];
let requests = 0;
/** The line that tells of this write. */
async function lineOf(caller: Caller, method: Method, path: string, body?: object): Promise<Line> {
  const id = `write-${(requests += 1)}`;
  await server.ask(caller, method, path, {
    headers: { 'x-request-id': id },
    ...(body && { body: JSON.stringify(body) }),
  });
  return JSON.parse(await server.logged(`"${id}"`, '"msg":"write"')) as Line;
}

const patient = { resourceType: 'Patient', id: 'secret-a', name: [{ family: 'Bonaventura' }] };
const patientA: Caller = { ...people.patientA, patient: 'secret-a', user: 'Patient/secret-a' };

describe('the log line of a write', () => {
  it('names the system, the person, and a patient as nothing but the patient', async () => {
    const by = async (caller: Caller, path: string, body: object) => {
      const { actor, status, ...line } = await lineOf(caller, 'PUT', path, body);
      assert.ok(status < 300, `${status}`);
      return [actor, (line as { role?: string }).role, (line as { type?: string }).type];
    };
    assert.deepEqual(await by(people.ehr, 'Patient/secret-a', patient), [
      ...['ehr', 'system', 'Patient'],
    ]);
    assert.deepEqual(await by(people.doctor, 'Patient/secret-a', patient), [
      ...['Practitioner/doctor', 'practitioner', 'Patient'],
    ]);
    assert.deepEqual(await by(patientA, 'Patient/secret-a', patient), [
      ...['the patient', 'patient', 'Patient'],
    ]);
  });

  it('is there for what was refused, and for each way to write', async () => {
    const { actor, status } = await lineOf(people.pharmacist, 'PUT', 'Basic/x', {
      resourceType: 'Basic',
      id: 'x',
      code: { text: 'x' },
    });
    assert.deepEqual([actor, status], ['ehr', 404]);
    const acts = [
      await lineOf(people.doctor, 'POST', 'Patient/secret-a/$meta-add', {}),
      await lineOf(people.doctor, 'POST', '', { resourceType: 'Bundle', type: 'transaction' }),
      await lineOf(people.doctor, 'DELETE', 'Basic?identifier=secret-b'),
      await lineOf(people.doctor, 'POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } }),
    ].map((line) => [line.actor, (line as { act?: string }).act]);
    assert.deepEqual(
      acts,
      ['$meta-add', 'batch-or-transaction', 'delete', 'create'].map((act) => [
        ...['Practitioner/doctor', act],
      ]),
    );
  });

  it('is not there for a read, nor holds the log an id, a name or a path', async () => {
    const read = 'a-read-of-it';
    await server.ask(people.doctor, 'GET', 'Patient/secret-a', {
      headers: { 'x-request-id': read },
    });
    await lineOf(people.doctor, 'PUT', 'Bonaventura/secret-a', {});
    assert.ok(!server.log().includes(read));
    assert.doesNotMatch(server.log(), /secret|Bonaventura/);
  });
});
