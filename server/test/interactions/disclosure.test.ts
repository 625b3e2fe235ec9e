import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { actor, consent, idsOf, type Resource } from '../support/clinical-samples.ts';

let server: TestApp;
const as = (caller: Caller | undefined, path: string): Promise<Answer> =>
  server.ask(caller, 'GET', path);
const put = async (resource: Resource, caller: Caller = people.ehr): Promise<Answer> => {
  const answer = await server.ask(caller, 'PUT', `${resource.resourceType}/${resource.id}`, {
    body: JSON.stringify(resource),
  });
  assert.ok([200, 201].includes(answer.status), answer.text);
  return answer;
};

const CANARY = 'canary-7f3e';
const patient = (id: string) => ({
  resourceType: 'Patient',
  id,
  name: [{ family: `${CANARY}-${id}` }],
  birthDate: '1970-01-01',
});
const medication = (id: string, of: string, security?: string) => ({
  resourceType: 'MedicationRequest',
  id,
  ...(security === undefined
    ? {}
    : {
        meta: {
          security: [
            { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: security },
          ],
        },
      }),
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: `${CANARY} ${id}` },
  subject: { reference: `Patient/${of}` },
});
const pharmacyMayRead = {
  type: 'permit',
  actor: actor('Organization/pharmacy'),
  class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'MedicationRequest' }],
  purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
};

beforeAll(async () => {
  server = await startApp();
  for (const id of ['a', 'b']) await put(patient(id));
  await put(medication('a1', 'a'));
  await put(medication('a2', 'a', 'R'));
  await put(medication('b1', 'b'));
  await put(consent('pharmacy', 'a', pharmacyMayRead));
  await put(consent('other', 'a', { type: 'deny', actor: actor('Practitioner/other-doctor') }));
});
afterAll(() => server.close());

describe('who sees what', () => {
  it("lets the custodian's own people and systems see ordinary data, and nothing restricted", async () => {
    for (const caller of [people.ehr, people.doctor]) {
      assert.equal((await as(caller, 'Patient/b')).status, 200);
      const found = await as(caller, 'MedicationRequest?_total=accurate');
      assert.deepEqual(idsOf(found), ['a1', 'b1']);
      assert.equal(found.json()['total'], 2);
      const refused = await as(caller, 'MedicationRequest/a2');
      assert.equal(refused.status, 403, refused.text);
      assert.ok(!refused.text.includes(CANARY));
    }
  });

  it('tells refused staff which consent refuses, on every way to the data', async () => {
    for (const path of [
      'Patient/a',
      'Patient/a/_history/1',
      'Patient/a/_history',
      'MedicationRequest/a1',
      'MedicationRequest?patient=a',
      'Patient?_id=a',
    ]) {
      const refused = await as(people.otherDoctor, path);
      assert.equal(refused.status, 403, `${path}: ${refused.text}`);
      assert.match(refused.text, /Consent\/other@1/);
      assert.ok(!refused.text.includes(CANARY));
      const allowed = await as(people.doctor, path);
      assert.equal(allowed.status, 200, path);
      assert.ok(allowed.text.includes(CANARY), path);
    }
    assert.deepEqual(idsOf(await as(people.otherDoctor, 'Patient?birthdate=1970-01-01')), ['b']);
  });

  it('shows another organisation what consent permits, the rest does not exist for it', async () => {
    assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest?patient=a')), [
      'a1',
      'a2',
    ]);
    assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest')), ['a1', 'a2']);
    assert.equal((await as(people.pharmacist, 'MedicationRequest/a1')).status, 200);
    const empty = await as(people.pharmacist, 'MedicationRequest?patient=b&_total=accurate');
    assert.deepEqual(idsOf(empty), []);
    assert.equal(empty.json()['total'], 0);
    for (const [hidden, absent] of [
      ['MedicationRequest/b1', 'MedicationRequest/zz'],
      ['Patient/a', 'Patient/zz'],
      ['Patient/b/_history', 'Patient/zz/_history'],
      ['Patient/b/_history/1', 'Patient/zz/_history/1'],
      ['Patient/b/_history/1/$evidence', 'Patient/zz/_history/1/$evidence'],
    ] as const) {
      const refused = await as(people.pharmacist, hidden);
      const missing = await as(people.pharmacist, absent);
      assert.equal(refused.status, 404, hidden);
      const plain = (text: string, path: string): string =>
        text.replaceAll(path.split('/').slice(0, 2).join('/'), 'X');
      assert.equal(plain(refused.text, hidden), plain(missing.text, absent));
    }
  });

  it('gives a purpose that consent does not name nothing', async () => {
    const forResearch = { ...people.pharmacist, purposes: ['HRESCH'] };
    assert.deepEqual(idsOf(await as(forResearch, 'MedicationRequest?patient=a')), []);
    assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest?patient=a')), [
      'a1',
      'a2',
    ]);
  });

  it('shows a patient her own record only, restricted data included', async () => {
    assert.deepEqual(idsOf(await as(people.patientA, 'MedicationRequest')), ['a1', 'a2']);
    assert.equal((await as(people.patientA, 'Patient/a')).status, 200);
    assert.equal((await as(people.patientA, 'Patient/b')).status, 404);
    assert.deepEqual(idsOf(await as(people.patientA, 'MedicationRequest?patient=b')), []);
    assert.deepEqual(idsOf(await as(people.patientA, 'Patient')), ['a']);
  });

  it('shows nobody anything without a token, and nothing beyond its scopes', async () => {
    assert.equal((await as(undefined, 'Patient/a')).status, 401);
    const narrow = { ...people.doctor, scope: 'user/Observation.rs' };
    assert.equal((await as(narrow, 'Patient/a')).status, 403);
    const readOnly = { ...people.doctor, scope: 'user/*.rs' };
    assert.equal(
      (await server.ask(readOnly, 'PUT', 'Patient/b', { body: JSON.stringify(patient('b')) }))
        .status,
      403,
    );
    assert.equal((await as(readOnly, 'Patient/b')).status, 200);
  });
});

describe('changes', () => {
  it('are refused to whom consent or policy refuses the data', async () => {
    const body = JSON.stringify({ ...medication('a1', 'a'), status: 'stopped' });
    for (const [caller, status] of [
      [people.otherDoctor, 403],
      [people.pharmacist, 404],
      [people.patientB, 404],
    ] as const) {
      const refused = await server.ask(caller, 'PUT', 'MedicationRequest/a1', { body });
      assert.equal(refused.status, status, refused.text);
      assert.ok((await server.ask(caller, 'DELETE', 'MedicationRequest/a1')).status >= 403);
    }
    const kept = await as(people.doctor, 'MedicationRequest/a1');
    assert.equal(kept.headers['etag'], 'W/"1"');
    const grafted = JSON.stringify(medication('b1', 'a'));
    assert.equal(
      (await server.ask(people.otherDoctor, 'PUT', 'MedicationRequest/b1', { body: grafted }))
        .status,
      403,
    );
    assert.equal((await as(people.doctor, 'MedicationRequest/b1')).headers['etag'], 'W/"1"');
  });

  it('of consent are in force when they are answered, 100 times in a row', async () => {
    const pharmacy = (type: 'active' | 'inactive') =>
      put({ ...consent('pharmacy', 'a', pharmacyMayRead), status: type });
    for (let i = 0; i < 100; i += 1) {
      await pharmacy('inactive');
      assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest?patient=a')), []);
      await pharmacy('active');
      assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest?patient=a')), [
        'a1',
        'a2',
      ]);
    }
  });

  it('of consent stay in force after it is deleted', async () => {
    await put(consent('extra', 'b', pharmacyMayRead));
    assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest?patient=b')), ['b1']);
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Consent/extra')).status, 204);
    assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest?patient=b')), []);
  });
});

describe('the access log', () => {
  it('lists every change, disclosure and refusal, once, in order, with who and what', async () => {
    await put(patient('c'));
    const nobody = { ...people.patientB };
    await as(people.doctor, 'Patient/c');
    await as(people.pharmacist, 'Patient/c');
    await as(nobody, 'Patient/c');
    await as(people.doctor, 'MedicationRequest?patient=c');
    const log = (await as(people.auditor, 'Patient/c/$access-log')).json() as {
      entry: {
        resource: Record<string, unknown> & { outcome?: string; subtype?: { code: string }[] };
      }[];
    };
    const events = log.entry.filter(({ resource }) => resource['resourceType'] === 'AuditEvent');
    assert.deepEqual(
      events.map(({ resource }) => [resource.subtype?.[0]?.code, resource.outcome]),
      [
        ['update', '0'],
        ['read', '0'],
        ['read', '8'],
        ['read', '8'],
        ['search-type', '0'],
        ['$access-log', '0'],
      ],
    );
    assert.match(JSON.stringify(events[0]), /Patient\/c\/_history\/1/);
    assert.match(JSON.stringify(events[1]), /Practitioner\/doctor/);
    assert.match(JSON.stringify(events[2]), /Organization\/pharmacy/);
    const proof = log.entry.at(-1)?.resource as unknown as {
      parameter: { name: string; valueUnsignedInt?: number }[];
    };
    assert.equal(proof.parameter.find(({ name }) => name === 'count')?.valueUnsignedInt, 6);
  });

  it('is for the patient, auditors and the custodian’s systems', async () => {
    assert.equal((await as(people.patientA, 'Patient/a/$access-log')).status, 200);
    assert.equal((await as(people.ehr, 'Patient/a/$access-log')).status, 200);
    assert.equal((await as(people.patientB, 'Patient/a/$access-log')).status, 404);
    assert.equal((await as(people.pharmacist, 'Patient/a/$access-log')).status, 404);
    assert.equal((await as(people.doctor, 'Patient/a/$access-log')).status, 403);
  });
});

describe('pages', () => {
  it('follow each other to the end without loss, and keep out what is refused', async () => {
    const seen: string[] = [];
    for (let url = 'MedicationRequest?_count=1&_sort=_id'; url !== '';) {
      const answer = await as(people.doctor, url);
      assert.equal(answer.status, 200, answer.text);
      seen.push(...idsOf(answer));
      const { link } = answer.json() as { link: { relation: string; url: string }[] };
      url = link.find(({ relation }) => relation === 'next')?.url.replace(`${BASE}/`, '') ?? '';
    }
    assert.deepEqual(seen, ['a1', 'b1']);
    assert.equal((await as(people.doctor, 'MedicationRequest?_cursor=AAAA')).status, 400);
  });
});
