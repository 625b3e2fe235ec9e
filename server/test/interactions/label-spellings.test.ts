import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  idsOf,
  observation,
  patient,
  totalOf,
} from '../support/clinical-samples.ts';

let server: TestApp;
const { ask, send, statusOf } = requestsOf(() => server);
beforeAll(async () => {
  server = await startApp();
  await put('Patient/a', patient('a', 'A'));
});
afterAll(() => server.close());

async function put(path: string, resource: object): Promise<void> {
  const answer = await send('PUT', path, resource);
  assert.ok(answer.status < 300, answer.text);
}
const labelledAs = (id: string, code: string, security: object) => ({
  ...observation(id, 'a', code),
  meta: { security: [security] },
});

const RESTRICTED = {
  today: { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
  earlier: { system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'R' },
  oid: { system: 'urn:oid:2.16.840.1.113883.5.25', code: 'R' },
  https: { system: 'https://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
  capitals: { system: 'HTTP://TERMINOLOGY.HL7.ORG/CODESYSTEM/V3-CONFIDENTIALITY', code: 'R' },
  slash: { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality/', code: 'V' },
  own: { system: 'http://hospital.example/confidentiality', code: 'V' },
};
const OPEN = {
  'old-normal': { system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'N' },
  'oid-low': { system: 'urn:oid:2.16.840.1.113883.5.25', code: 'L' },
  'own-word': { system: 'http://hospital.example/wards', code: 'ICU' },
};

describe('a label in another spelling', () => {
  it('restricts as in the usual one: read, counted, led through', async () => {
    for (const [id, label] of Object.entries({ ...RESTRICTED, ...OPEN })) {
      await put(`Observation/${id}`, labelledAs(id, 'spelled', label));
    }
    for (const id of Object.keys(RESTRICTED)) {
      assert.equal(await statusOf(people.doctor, `Observation/${id}`), 403, id);
      assert.equal(await statusOf(people.patientA, `Observation/${id}`), 200, id);
    }
    for (const id of Object.keys(OPEN)) {
      assert.equal(await statusOf(people.doctor, `Observation/${id}`), 200, `control: ${id}`);
    }
    const found = await ask(people.doctor, 'GET', 'Observation?code=spelled&_total=accurate');
    assert.deepEqual(idsOf(found), Object.keys(OPEN).sort());
    assert.equal(totalOf(found), Object.keys(OPEN).length);
    // Clients search by what is stored.
    const { system, code } = RESTRICTED.earlier;
    const asked = `Observation?_security=${encodeURIComponent(`${system}|${code}`)}`;
    assert.deepEqual(idsOf(await ask(people.patientA, 'GET', asked)), ['earlier']);
  });

  it('is led to by no link', async () => {
    await put('Patient/led', patient('led', 'L'));
    const { earlier } = RESTRICTED;
    const led = (id: string, code: string, label: object) => ({
      ...labelledAs(id, code, label),
      subject: { reference: 'Patient/led' },
    });
    await put('Observation/led-1', led('led-1', 'hidden-code', earlier));
    await put('Observation/led-2', led('led-2', 'open-code', OPEN['old-normal']));
    const by = async (code: string) =>
      idsOf(await ask(people.doctor, 'GET', `Patient?_has:Observation:patient:code=${code}`));
    assert.deepEqual(await by('hidden-code'), []);
    assert.deepEqual(await by('open-code'), ['led'], 'control');
  });

  it('may not be taken for none by whom may not lower protection', async () => {
    const path = 'Observation/kept';
    const label = { system: 'urn:oid:2.16.840.1.113883.5.4', code: 'PSY' };
    await put(path, labelledAs('kept', 'kept', label));
    const bare = JSON.stringify(observation('kept', 'a', 'kept'));
    assert.equal((await server.ask(people.doctor, 'PUT', path, { body: bare })).status, 403);
    const today = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' };
    const body = JSON.stringify(labelledAs('kept', 'kept', today));
    const kept = await server.ask(people.doctor, 'PUT', path, { body });
    assert.equal(kept.status, 200, `control: ${kept.text}`);
  });

  it('is what a consent means that names it in another one', async () => {
    await put('Patient/c', patient('c', 'C'));
    const deny = {
      type: 'permit',
      actor: actor('Practitioner/doctor'),
      provision: [
        {
          type: 'deny',
          securityLabel: [{ system: 'http://hl7.org/fhir/v3/ActCode', code: 'ETH' }],
        },
      ],
    };
    await put('Consent/eth', consent('eth', 'c', deny));
    const subject = { reference: 'Patient/c' };
    const today = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ETHUD' };
    await put('Observation/eth', { ...labelledAs('eth', 'x', today), subject });
    await put('Observation/no-eth', { ...observation('no-eth', 'a', 'x'), subject });
    assert.equal(await statusOf(people.doctor, 'Observation/eth'), 403);
    assert.equal(await statusOf(people.doctor, 'Observation/no-eth'), 200, 'control');
    assert.equal(await statusOf(people.otherDoctor, 'Observation/eth'), 200, 'control');
  });
});
