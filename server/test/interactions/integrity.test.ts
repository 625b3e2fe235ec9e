import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { bundlesOf, entry, observation, patient, statuses, uuid } from '../support/bundles.ts';

const servers = new Map<string, TestApp>();
beforeAll(async () => {
  for (const mode of ['off', 'write', 'write-and-delete']) {
    servers.set(mode, await startApp({ CHARTSEAL_REFERENCES: mode }));
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.close();
});
function serverOf(mode: string): TestApp {
  const server = servers.get(mode);
  if (server === undefined) throw new Error(mode);
  return server;
}
const ask = (
  mode: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  resource?: object,
): Promise<Answer> =>
  serverOf(mode).ask(people.ehr, method, path, resource && { body: JSON.stringify(resource) });
const elementOf = (answer: Answer): string | undefined =>
  (answer.json() as { issue: { expression?: string[] }[] }).issue[0]?.expression?.[0];

describe('references', () => {
  it('may lead nowhere unless the operator says otherwise', async () => {
    assert.equal(
      (await ask('off', 'POST', 'Observation', observation('Patient/none'))).status,
      201,
    );
    for (const mode of ['write', 'write-and-delete']) {
      const refused = await ask(mode, 'POST', 'Observation', observation('Patient/none'));
      assert.equal(refused.status, 422, refused.text);
      assert.equal(elementOf(refused), 'Observation.subject');
      await ask(mode, 'PUT', 'Patient/here', { resourceType: 'Patient', id: 'here' });
      const base = 'http://127.0.0.1:8080/fhir';
      for (const reference of [
        'Patient/here',
        `${base}/Patient/here`,
        'Patient/here/_history/1',
        'http://elsewhere.org/Patient/none',
        'urn:uuid:00000000-0000-4000-8000-000000000001',
      ]) {
        const taken = await ask(mode, 'POST', 'Observation', observation(reference));
        assert.equal(taken.status, 201, taken.text);
      }
      const later = await ask(mode, 'POST', 'Observation', observation('Patient/here/_history/2'));
      assert.equal(later.status, 422, later.text);
    }
  });

  it('are enforced by the capability statement where they are', async () => {
    for (const mode of ['off', 'write']) {
      const statement = (await ask(mode, 'GET', 'metadata')).json() as unknown as {
        rest: [{ resource: { referencePolicy: string[] }[] }];
      };
      const policy = statement.rest[0].resource[0]?.referencePolicy;
      assert.equal(policy?.includes('enforced'), mode === 'write');
    }
  });

  it('are checked in updates, patches and provenance, and name their element', async () => {
    const body = observation('Patient/here', {
      id: 'u',
      performer: [{ reference: 'Patient/here' }, { reference: 'Practitioner/none' }],
    });
    const updated = await ask('write', 'PUT', 'Observation/u', body);
    assert.equal(updated.status, 422, updated.text);
    assert.equal(elementOf(updated), 'Observation.performer[1]');
    assert.equal(
      (await ask('write', 'PUT', 'Observation/u', observation('Patient/here', { id: 'u' }))).status,
      201,
    );
    const patched = await serverOf('write').ask(people.ehr, 'PATCH', 'Observation/u', {
      body: '[{"op":"add","path":"/encounter","value":{"reference":"Encounter/none"}}]',
      headers: { 'content-type': 'application/json-patch+json' },
    });
    assert.equal(patched.status, 422, patched.text);
    assert.equal(elementOf(patched), 'Observation.encounter');
    const provenance = (who: string) => ({
      'x-provenance': JSON.stringify({
        resourceType: 'Provenance',
        recorded: '2026-01-01T00:00:00Z',
        agent: [{ who: { reference: who } }],
      }),
    });
    const put = (who: string) =>
      serverOf('write').ask(people.ehr, 'PUT', 'Observation/u', {
        body: JSON.stringify(observation('Patient/here', { id: 'u' })),
        headers: provenance(who),
      });
    assert.equal((await put('Practitioner/none')).status, 422);
    assert.equal((await put('Patient/here')).status, 200);
  });

  it('may lead to what the same transaction makes, not to what it deletes', async () => {
    const { transact } = bundlesOf(() => serverOf('write'));
    const made = await transact([
      entry('POST', 'Observation', observation(uuid(1))),
      entry('POST', 'Observation', observation('Patient/put')),
      entry('POST', 'Patient', patient('t1'), { fullUrl: uuid(1) }),
      entry('PUT', 'Patient/put', patient('t2', { id: 'put' })),
    ]);
    assert.deepEqual(statuses(made), ['201', '201', '201', '201'], made.text);
    const refused = await transact([
      entry('DELETE', 'Patient/put'),
      entry('POST', 'Observation', observation('Patient/put')),
    ]);
    assert.equal(refused.status, 422, refused.text);
    assert.equal(elementOf(refused), 'Bundle.entry[1].resource.subject');
    assert.equal((await ask('write', 'GET', 'Patient/put')).status, 200);
  });

  it('do not tell of what the writer may not see', async () => {
    const R = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
    await ask('write', 'PUT', 'Patient/b', { resourceType: 'Patient', id: 'b' });
    await ask(
      'write',
      'PUT',
      'Observation/secret',
      observation('Patient/b', { id: 'secret', meta: { security: R } }),
    );
    await ask('write', 'PUT', 'Observation/open', observation('Patient/b', { id: 'open' }));
    const member = (id: string) =>
      serverOf('write').ask(people.doctor, 'POST', 'Observation', {
        body: JSON.stringify(
          observation('Patient/here', { hasMember: [{ reference: `Observation/${id}` }] }),
        ),
      });
    const hidden = await member('secret');
    const absent = await member('absent');
    assert.equal(hidden.status, 422, hidden.text);
    assert.equal(hidden.text.replaceAll('secret', 'absent'), absent.text);
    assert.equal((await member('open')).status, 201);
  });

  it('keep their target from being deleted where the operator says so', async () => {
    for (const mode of ['write', 'write-and-delete']) {
      await ask(mode, 'PUT', 'Patient/held', { resourceType: 'Patient', id: 'held' });
      await ask(mode, 'PUT', 'Observation/holder', observation('Patient/held', { id: 'holder' }));
    }
    assert.equal((await ask('write', 'DELETE', 'Patient/held')).status, 204);
    const refused = await ask('write-and-delete', 'DELETE', 'Patient/held');
    assert.equal(refused.status, 409, refused.text);
    assert.doesNotMatch(refused.text, /holder/);
    assert.equal((await ask('write-and-delete', 'GET', 'Patient/held')).status, 200);
    const { transact } = bundlesOf(() => serverOf('write-and-delete'));
    assert.equal((await transact([entry('DELETE', 'Patient/held')])).status, 409);
    assert.deepEqual(
      statuses(
        await transact([entry('DELETE', 'Patient/held'), entry('DELETE', 'Observation/holder')]),
      ),
      ['204', '204'],
    );
    assert.equal(
      (await ask('write-and-delete', 'POST', 'Observation', observation('Patient/held'))).status,
      422,
    );
    const anew = await ask('write-and-delete', 'PUT', 'Patient/held', {
      resourceType: 'Patient',
      id: 'held',
    });
    assert.equal(anew.status, 201);
    assert.equal(
      (await ask('write-and-delete', 'POST', 'Observation', observation('Patient/held'))).status,
      201,
    );
  });

  it('do so wherever they stand, also where nothing can be searched by', async () => {
    const nurse = { reference: 'Practitioner/nurse' };
    for (const [name, holder] of [
      ['a note', { note: [{ authorReference: nurse, text: 'x' }] }],
      ['an extension', { extension: [{ url: 'http://example.org/by', valueReference: nurse }] }],
      [
        'what is contained',
        {
          contained: [{ resourceType: 'Condition', id: 'c', subject: nurse, asserter: nurse }],
          hasMember: [{ reference: '#c' }],
        },
      ],
    ] as const) {
      const server = 'write-and-delete';
      await ask(server, 'PUT', 'Practitioner/nurse', { resourceType: 'Practitioner', id: 'nurse' });
      await ask(server, 'PUT', 'Patient/noted', { resourceType: 'Patient', id: 'noted' });
      const plain = observation('Patient/noted', { id: 'noting' });
      const put = await ask(server, 'PUT', 'Observation/noting', { ...plain, ...holder });
      assert.ok(put.status < 300, put.text);
      const refused = await ask(server, 'DELETE', 'Practitioner/nurse');
      assert.equal(refused.status, 409, `${name}: ${refused.text}`);
      assert.equal((await ask(server, 'PUT', 'Observation/noting', plain)).status, 200);
      assert.equal((await ask(server, 'DELETE', 'Practitioner/nurse')).status, 204, name);
    }
  });

  it('never lead to what is deleted at the same moment', async () => {
    const mode = 'write-and-delete';
    for (let i = 0; i < 15; i += 1) {
      const id = `moment-${i}`;
      await ask(mode, 'PUT', `Patient/${id}`, { resourceType: 'Patient', id });
      const acts = [
        ...Array.from({ length: 4 }, () =>
          ask(mode, 'POST', 'Observation', observation(`Patient/${id}`)),
        ),
        ask(mode, 'DELETE', `Patient/${id}`),
      ];
      const answers = await Promise.all(i % 2 === 0 ? acts : acts.toReversed());
      for (const { status, text } of answers)
        assert.ok([201, 204, 409, 422].includes(status), text);
      const there = (await ask(mode, 'GET', `Patient/${id}`)).status === 200;
      const found = await ask(mode, 'GET', `Observation?subject=Patient/${id}`);
      const { entry: referring = [] } = found.json() as { entry?: unknown[] };
      assert.ok(there || referring.length === 0, `${id} is gone, and referred to`);
    }
  });
});
