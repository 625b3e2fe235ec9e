import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import {
  ask,
  askWith,
  ids,
  matches,
  outcomeOf,
  put,
  search,
  token,
  type Bundle,
} from './support/fhir-client.ts';
import { lexicalDifference } from './support/lexical-json.ts';

describe('the hospital system', () => {
  it('reads back a Patient exactly as it wrote it, 1.00 included', async () => {
    const written = `{
  "resourceType": "Patient",
  "id": "exact-bytes",
  "extension": [ { "url": "https://example.org/weight-at-birth", "valueDecimal": 1.00 },
                 { "url": "https://example.org/score", "valueQuantity": { "value": 1.0e2, "unit": "{score}" } } ],
  "name": [ { "family": "M\\u00fcller", "given": [ "\u00c5se" ] } ],
  "birthDate": "1990-02-28"
}`;
    const answer = await ask('system', 'Patient/exact-bytes', { method: 'PUT', body: written });
    assert.ok([200, 201].includes(answer.status), answer.text);
    const read = await ask('system', 'Patient/exact-bytes');
    assert.equal(read.status, 200, read.text);
    assert.equal(lexicalDifference(written, read.text), undefined);
    assert.ok(
      read.text.includes('"valueDecimal": 1.00'),
      'the white space of the sender is kept as well',
    );
    const again = await ask('system', 'Patient/exact-bytes');
    assert.equal(again.text, read.text);
    const version = await ask(
      'system',
      `Patient/exact-bytes/_history/${(JSON.parse(read.text) as { meta: { versionId: string } }).meta.versionId}`,
    );
    assert.equal(version.text, read.text);
  });

  it('creates, updates with If-Match, deletes, and keeps every version', async () => {
    const created = await ask('system', 'Observation', {
      method: 'POST',
      body: JSON.stringify({
        resourceType: 'Observation',
        status: 'preliminary',
        code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
        subject: { reference: 'Patient/demo-b' },
        effectiveDateTime: '2025-05-01T10:00:00Z',
        valueQuantity: {
          value: 37.4,
          unit: 'Cel',
          system: 'http://unitsofmeasure.org',
          code: 'Cel',
        },
      }),
    });
    assert.equal(created.status, 201, created.text);
    assert.equal(created.headers.get('etag'), 'W/"1"');
    const location = /\/(Observation\/[A-Za-z0-9.-]{1,64})\/_history\/1$/.exec(
      created.headers.get('location') ?? '',
    );
    assert.ok(location?.[1], 'Location names the version');
    const path = location[1];
    const first = JSON.parse((await ask('system', path)).text) as Record<string, unknown>;
    const updated = await ask('system', path, {
      method: 'PUT',
      body: JSON.stringify({ ...first, status: 'final' }),
      headers: { 'if-match': 'W/"1"' },
    });
    assert.equal(updated.status, 200, updated.text);
    assert.equal(updated.headers.get('etag'), 'W/"2"');
    const deleted = await ask('system', path, { method: 'DELETE' });
    assert.ok([200, 204].includes(deleted.status), deleted.text);
    outcomeOf(await ask('system', path), 410);
    const old = await ask('system', `${path}/_history/1`);
    assert.equal((JSON.parse(old.text) as { status: string }).status, 'preliminary');
    const history = await search('system', `${path}/_history`);
    assert.equal(history.total, 3);
  });
});

describe('the doctor', () => {
  it('finds the heart rates of demo-a, newest first', async () => {
    const path = 'Observation?patient=demo-a&code=http%3A%2F%2Floinc.org%7C8867-4&_sort=-date';
    assert.deepEqual(await ids('doctor', path), [
      'demo-a-heart-rate-3',
      'demo-a-heart-rate-2',
      'demo-a-heart-rate-1',
    ]);
    assert.deepEqual(await ids('doctor', 'Observation?patient=demo-a&code=8867-4&_sort=date'), [
      'demo-a-heart-rate-1',
      'demo-a-heart-rate-2',
      'demo-a-heart-rate-3',
    ]);
  });

  it('pages through a search without loss or repetition', async () => {
    const all = await ids('doctor', 'Observation?patient=demo-a&_sort=-date&_count=100');
    assert.equal(all.length, 9);
    const seen: string[] = [];
    let page = await search('doctor', 'Observation?patient=demo-a&_sort=-date&_count=2');
    for (;;) {
      seen.push(...matches(page).map((resource) => resource.id));
      const next = page.link?.find((link) => link.relation === 'next')?.url;
      if (next === undefined) break;
      page = await search('doctor', next.slice(next.indexOf('/fhir/') + '/fhir/'.length));
    }
    assert.deepEqual(seen, all);
  });

  it('finds patients by identifier, name and birth date', async () => {
    assert.deepEqual(
      await ids(
        'doctor',
        'Patient?identifier=https%3A%2F%2Fhospital.example.org%2Frecords%7CRGH-100001',
      ),
      ['demo-a'],
    );
    assert.deepEqual(await ids('doctor', 'Patient?name=brandt&birthdate=1981-11-30'), ['demo-b']);
    assert.deepEqual(await ids('doctor', 'Patient?name=brandt&birthdate=1981-11-29'), []);
  });

  it('finds prescriptions by status and intent', async () => {
    assert.deepEqual(
      [
        ...(await ids('doctor', 'MedicationRequest?patient=demo-a&status=active&intent=order')),
      ].sort(),
      ['demo-a-lisinopril', 'demo-a-metformin'],
    );
  });
});

describe('the pharmacist', () => {
  it("reads demo-a's prescriptions through the hospital's server, as her consent says", async () => {
    assert.deepEqual([...(await ids('pharmacist', 'MedicationRequest?patient=demo-a'))].sort(), [
      'demo-a-atorvastatin',
      'demo-a-lisinopril',
      'demo-a-metformin',
    ]);
    const one = await ask('pharmacist', 'MedicationRequest/demo-a-metformin');
    assert.equal(one.status, 200, one.text);
  });

  it("gets nothing of demo-b's, who gave no consent, and cannot tell it from absence", async () => {
    assert.deepEqual(await ids('pharmacist', 'MedicationRequest?patient=demo-b'), []);
    assert.deepEqual(await ids('doctor', 'MedicationRequest?patient=demo-b'), [
      'demo-b-lisinopril',
    ]);
    const hidden = await ask('pharmacist', 'MedicationRequest/demo-b-lisinopril');
    const absent = await ask('pharmacist', 'MedicationRequest/there-is-none');
    assert.equal(hidden.status, 404);
    assert.equal(absent.status, 404);
    assert.equal(
      hidden.text.replaceAll('demo-b-lisinopril', 'X'),
      absent.text.replaceAll('there-is-none', 'X'),
    );
  });

  it('counts and sorts only what it may see', async () => {
    const bundle = await search('pharmacist', 'MedicationRequest?status=active&_total=accurate');
    assert.ok(matches(bundle).length > 0);
    for (const found of matches(bundle)) {
      assert.deepEqual(found['subject'], { reference: 'Patient/demo-a' }, found.id);
    }
    assert.equal(bundle.total, matches(bundle).length);
  });

  it('gets no other class of data of demo-a', async () => {
    assert.equal((await ids('doctor', 'Observation?patient=demo-a')).length > 0, true);
    const answer = await ask('pharmacist', 'Observation?patient=demo-a');
    if (answer.status === 200) assert.equal(matches(JSON.parse(answer.text) as Bundle).length, 0);
    else outcomeOf(answer, 403);
  });
});

describe('the other doctor', () => {
  it('is refused demo-a with 403 and the reason, and sees demo-b', async () => {
    for (const path of [
      'Patient/demo-a',
      'Observation/demo-a-heart-rate-1',
      'Observation?patient=demo-a',
    ]) {
      const said = outcomeOf(await ask('other-doctor', path), 403);
      assert.match(said, /Consent\/demo-a-other-doctor/, path);
    }
    assert.equal((await ask('other-doctor', 'Patient/demo-b')).status, 200);
  });

  it('does not meet demo-a in searches over everybody', async () => {
    const found = await ids('other-doctor', 'Patient?name=a&_count=200');
    assert.ok(found.includes('demo-b') || !found.includes('demo-a'));
    assert.equal(found.includes('demo-a'), false);
    assert.deepEqual(await ids('other-doctor', 'Patient?name=almeida'), []);
    assert.deepEqual(await ids('doctor', 'Patient?name=almeida'), ['demo-a']);
  });
});

describe('the patient', () => {
  it('reads her own and nobody else', async () => {
    assert.equal((await ask('patient', 'Patient/demo-a')).status, 200);
    assert.equal((await ids('patient', 'Observation?patient=demo-a')).length >= 9, true);
    for (const path of ['Patient/demo-b', 'Observation/demo-b-heart-rate-1']) {
      const answer = await ask('patient', path);
      assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.equal((await ask('other-patient', path)).status, 200);
    }
    assert.deepEqual(await ids('patient', 'Patient?_count=200'), ['demo-a']);
  });
});

describe('a token', () => {
  it('is asked for', async () => {
    const answer = await askWith(undefined, 'Patient/demo-a');
    outcomeOf(answer, 401);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
  });

  it('of nonsense, with a changed signature or changed claims, is refused', async () => {
    const good = await token('system');
    assert.equal((await askWith(good, 'Patient/demo-a')).status, 200);
    const [header = '', claims = '', signature = ''] = good.split('.');
    const altered = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    altered['scope'] = 'system/*.cruds';
    altered['exp'] = Number(altered['exp']) + 60;
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    const bad = {
      nonsense: 'nonsense',
      flipped: `${header}.${claims}.${flipped}`,
      altered: `${header}.${Buffer.from(JSON.stringify(altered)).toString('base64url')}.${signature}`,
      unsigned: `${none}.${claims}.`,
      truncated: `${header}.${claims}`,
    };
    for (const [what, value] of Object.entries(bad)) {
      outcomeOf(await askWith(value, 'Patient/demo-a'), 401);
      assert.ok(what);
    }
  });

  it("of another organisation's server is refused here, and this one's there", async () => {
    const foreign = await token('pharmacist', ['--server', 'pharmacy']);
    outcomeOf(await askWith(foreign, 'MedicationRequest?patient=demo-a'), 401);
    const accepted = await askWith(foreign, 'MedicationRequest?_count=1', {
      organisation: 'pharmacy',
    });
    assert.notEqual(accepted.status, 401, accepted.text);
    outcomeOf(
      await askWith(await token('pharmacist'), 'Patient', { organisation: 'pharmacy' }),
      401,
    );
  });

  it('bounds what its bearer may ask', async () => {
    const narrow = await token('system', ['--scope', 'system/Patient.rs']);
    assert.equal((await askWith(narrow, 'Patient/demo-b')).status, 200);
    outcomeOf(await askWith(narrow, 'Observation/demo-b-heart-rate-1'), 403);
    outcomeOf(
      await askWith(narrow, 'Patient/demo-b', {
        method: 'PUT',
        body: JSON.stringify({ resourceType: 'Patient', id: 'demo-b' }),
      }),
      403,
    );
  });
});

describe('other personas without consent', () => {
  for (const persona of ['insurer', 'researcher', 'lab']) {
    it(`${persona} sees no patient data`, async () => {
      const answer = await ask(persona, 'Observation?patient=demo-a');
      if (answer.status === 200) assert.equal(matches(JSON.parse(answer.text) as Bundle).length, 0);
      else outcomeOf(answer, [403, 404]);
    });
  }

  it('care is documented for a patient who lets the writer see nothing, and stays unseen', async () => {
    const resource = {
      resourceType: 'Observation',
      id: 'by-other-doctor',
      status: 'final',
      code: { text: 'note' },
      subject: { reference: 'Patient/demo-a' },
    };
    const path = 'Observation/by-other-doctor';
    assert.equal((await put('other-doctor', resource)).status, 201);
    outcomeOf(await ask('other-doctor', path), 403);
    outcomeOf(await put('other-doctor', resource), 403);
    assert.equal((await ask('doctor', path)).status, 200);
    assert.equal((await ask('system', path, { method: 'DELETE' })).status, 204);
  });

  it('nobody writes Consents but patients and the consent office of the hospital', async () => {
    const concept = (system: string, code: string): object => ({ coding: [{ system, code }] });
    const terminology = 'http://terminology.hl7.org/CodeSystem';
    const consent = {
      resourceType: 'Consent',
      id: 'of-demo-b',
      status: 'draft',
      scope: concept(`${terminology}/consentscope`, 'patient-privacy'),
      category: [concept('http://loinc.org', '59284-0')],
      patient: { reference: 'Patient/demo-b' },
      policyRule: concept(`${terminology}/v3-ActCode`, 'OPTIN'),
      provision: {
        type: 'permit',
        purpose: [{ system: `${terminology}/v3-ActReason`, code: 'TREAT' }],
      },
    };
    for (const persona of ['doctor', 'other-doctor']) outcomeOf(await put(persona, consent), 403);
    assert.equal((await ask('system', 'Consent/of-demo-b')).status, 404);
    assert.equal((await put('other-patient', consent)).status, 201);
    outcomeOf(await ask('doctor', 'Consent/of-demo-b', { method: 'DELETE' }), 403);
    assert.equal((await ask('admin', 'Consent/of-demo-b', { method: 'DELETE' })).status, 204);
  });

  it('a doctor does not escape what treatment is denied by another purpose', async () => {
    await assert.rejects(token('doctor', ['--purpose', 'HOPERAT']), /HOPERAT is not open/);
    await token('doctor', ['--purpose', 'ETREAT']);
    await token('admin', ['--purpose', 'HOPERAT']);
  });
});
