import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  labelled,
  observation,
  patient,
  putsTo,
} from '../support/clinical-samples.ts';

const admin: Caller = { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' };
const insurer: Caller = {
  role: 'insurer',
  organization: 'Organization/insurer',
  msp: 'InsurerMSP',
  scope: 'system/*.cruds',
};
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const toClass = (code: string) => ({
  class: [{ system: 'http://hl7.org/fhir/resource-types', code }],
});
const withActions = (...codes: string[]) => ({
  action: codes.map((code) => ({
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }],
  })),
});
const deny = (more: object) => ({ type: 'deny', ...more });
const permit = (more: object) => ({ type: 'permit', ...more });

let server: TestApp;
const put = putsTo(() => server);
const { ask, statusOf, send } = requestsOf(() => server);

beforeAll(async () => {
  server = await startApp();
  await put(
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => patient(id, `Of-${id}`)),
    observation('of-a', 'a', '1'),
    labelled(observation('secret', 'b', '1'), 'V'),
    observation('of-c', 'c', '1'),
    observation('of-d', 'd', '1'),
  );
});
afterAll(() => server.close());

const expressionOf = (answer: { json: () => Readonly<Record<string, unknown>> }): unknown =>
  (answer.json()['issue'] as readonly { expression?: unknown }[])[0]?.expression;

describe('somebody who is neither the patient nor of the consent office', () => {
  it('does not get rid of the Consent that denies him', async () => {
    const denies = consent(
      'denies',
      'a',
      deny({ ...by('Practitioner/doctor'), ...toClass('Observation') }),
    );
    await put(denies);
    assert.equal(await statusOf(people.doctor, 'Observation/of-a'), 403);
    const inactive = { ...denies, status: 'inactive' };
    const patch = [{ op: 'replace', path: '/status', value: 'inactive' }];
    const transaction = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: 'Consent/denies' } }],
    };
    const tagged = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:x', code: 'x' }] } }],
    };
    for (const answer of [
      await ask(people.doctor, 'DELETE', 'Consent/denies'),
      await ask(people.doctor, 'DELETE', 'Consent?_id=denies'),
      await ask(people.doctor, 'PUT', 'Consent/denies', inactive),
      await ask(people.doctor, 'PATCH', 'Consent/denies', patch, JSON_PATCH),
      await ask(people.doctor, 'POST', '', transaction),
      await ask(people.doctor, 'POST', 'Consent/denies/$meta-add', tagged),
    ]) {
      assert.equal(answer.status, 403, answer.text);
      assert.match(answer.text, /recorded by the patient, or by systems and administration/);
    }
    assert.equal(await statusOf(people.doctor, 'Observation/of-a'), 403, 'still denied');
    assert.equal(await statusOf(people.ehr, 'Consent/denies'), 200, 'still there');
    assert.equal((await ask(people.patientA, 'DELETE', 'Consent/denies')).status, 204, 'control');
    assert.equal(await statusOf(people.doctor, 'Observation/of-a'), 200);
  });

  it('does not grant himself what is very restricted, nor others anything', async () => {
    const V = { code: 'V', system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality' };
    const opens = permit({ ...by('Practitioner/doctor'), securityLabel: [V] });
    const forInsurer = permit(by('Organization/insurer'));
    assert.equal(await statusOf(people.doctor, 'Observation/secret'), 403);
    for (const provision of [opens, forInsurer]) {
      const wish = consent('wish', 'b', provision);
      const unnamed = { ...wish, id: undefined };
      for (const answer of [
        await ask(people.doctor, 'PUT', 'Consent/wish', wish),
        await ask(people.doctor, 'POST', 'Consent', unnamed),
        await ask(people.otherDoctor, 'POST', 'Consent', { ...unnamed, status: 'draft' }),
      ]) {
        assert.equal(answer.status, 403, answer.text);
        assert.deepEqual(expressionOf(answer), ['Consent']);
      }
      for (const caller of [insurer, people.pharmacist, people.patientA]) {
        const answer = await ask(caller, 'PUT', 'Consent/wish', wish);
        assert.equal(answer.status, 404, answer.text);
      }
    }
    assert.equal(await statusOf(people.doctor, 'Observation/secret'), 403);
    assert.equal(await statusOf(insurer, 'Patient/b'), 404);
    const given = await ask(people.patientB, 'PUT', 'Consent/wish', consent('wish', 'b', opens));
    assert.equal(given.status, 201, given.text);
    assert.equal(await statusOf(people.doctor, 'Observation/secret'), 200, 'control');
  });

  it('does not write one of nobody either', async () => {
    const draft = { ...consent('nobodys', 'a', permit({})), patient: undefined, status: 'draft' };
    assert.equal((await ask(people.doctor, 'PUT', 'Consent/nobodys', draft)).status, 403);
    assert.equal((await ask(admin, 'PUT', 'Consent/nobodys', draft)).status, 201, 'control');
    assert.equal((await ask(people.doctor, 'DELETE', 'Consent/nobodys')).status, 403);
  });

  it('is not let in by a Consent that permits it', async () => {
    const all = permit({
      ...by('Practitioner/doctor'),
      ...withActions('access', 'collect', 'correct'),
    });
    await put(consent('all', 'e', all));
    const more = consent('more', 'e', permit({}));
    assert.equal((await ask(people.doctor, 'PUT', 'Consent/more', more)).status, 403);
    const documented = await ask(people.doctor, 'PUT', 'Observation/e', observation('e', 'e', '1'));
    assert.equal(documented.status, 201, 'control');
  });
});

describe('the consent office', () => {
  it('is not locked out by a Consent that denies everything, nor is the patient', async () => {
    const { status } = await ask(
      admin,
      'PUT',
      'Consent/nothing',
      consent('nothing', 'c', deny({})),
    );
    assert.equal(status, 201);
    for (const caller of [people.ehr, admin]) {
      assert.equal(await statusOf(caller, 'Consent/nothing'), 200);
      assert.deepEqual(idsOf(await ask(caller, 'GET', 'Consent?patient=c')), ['nothing']);
      assert.equal(await statusOf(caller, 'Observation/of-c'), 403, 'of Consents alone');
    }
    assert.equal(await statusOf(people.doctor, 'Consent/nothing'), 403);
    const patientC: Caller = { ...people.patientA, patient: 'c', user: 'Patient/c' };
    assert.equal(await statusOf(patientC, 'Consent/nothing'), 200);
    for (const caller of [people.ehr, admin, patientC]) {
      const revoked = await ask(caller, 'DELETE', 'Consent/nothing');
      assert.equal(revoked.status, 204, revoked.text);
      assert.equal(await statusOf(people.doctor, 'Observation/of-c'), 200);
      await put(consent('nothing', 'c', deny({})));
      assert.equal(await statusOf(people.doctor, 'Observation/of-c'), 403);
    }
    const patch = [{ op: 'replace', path: '/status', value: 'inactive' }];
    const patched = await ask(people.ehr, 'PATCH', 'Consent/nothing', patch, JSON_PATCH);
    assert.equal(patched.status, 200, patched.text);
  });

  it('does not write for the very person who writes, alone or in a transaction', async () => {
    const mine = consent('mine', 'd', permit({ ...by('Practitioner/admin') }));
    const entry = [{ resource: mine, request: { method: 'PUT', url: 'Consent/mine' } }];
    for (const answer of [
      await ask(admin, 'PUT', 'Consent/mine', mine),
      await ask(admin, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry }),
    ]) {
      assert.equal(answer.status, 403, answer.text);
      assert.deepEqual(expressionOf(answer), ['Consent.provision.actor[0].reference']);
      assert.equal(await statusOf(people.ehr, 'Consent/mine'), 404, 'nothing was written');
    }
    assert.equal((await ask(people.ehr, 'PUT', 'Consent/mine', mine)).status, 201, 'control');
    const house = consent('house', 'd', permit({ ...by('Organization/hospital') }));
    assert.equal(
      (await ask(admin, 'PUT', 'Consent/house', house)).status,
      201,
      'nor is that himself',
    );
  });

  it('does not lift what denies the very person who writes', async () => {
    await put(consent('against', 'd', deny({ ...by('Practitioner/admin') })));
    assert.equal(await statusOf(admin, 'Observation/of-d'), 403);
    const refused = await ask(admin, 'DELETE', 'Consent/against');
    assert.equal(refused.status, 403, refused.text);
    assert.match(refused.text, /Consent\/against/);
    assert.equal(await statusOf(admin, 'Observation/of-d'), 403);
    assert.equal((await ask(people.ehr, 'DELETE', 'Consent/against')).status, 204, 'control');
    assert.equal(await statusOf(admin, 'Observation/of-d'), 200);
  });

  it('is the one of the organisation that keeps the data', async () => {
    const foreign = { ...admin, organization: 'Organization/insurer', msp: 'InsurerMSP' };
    for (const caller of [foreign, { ...admin, organization: 'Organization/unit' }]) {
      const { status } = await ask(caller, 'PUT', 'Consent/x', consent('x', 'd', permit({})));
      assert.equal(status, 404);
      assert.equal(await statusOf(caller, 'Consent/nothing'), 404);
    }
  });
});

describe('documenting care', () => {
  const ofF = (id: string, code: string) => observation(id, 'f', code);

  it('goes on where a Consent keeps staff from seeing, and shows and changes nothing', async () => {
    await put(ofF('kept', '1'), consent('unseen', 'f', deny({})));
    const unnamed = { ...ofF('x', '2'), id: undefined };
    const created = await ask(people.doctor, 'POST', 'Observation', unnamed);
    assert.equal(created.status, 201, created.text);
    const put2 = await ask(people.doctor, 'PUT', 'Observation/new', ofF('new', '2'));
    assert.equal(put2.status, 201, put2.text);
    for (const path of ['Observation/kept', 'Observation/new']) {
      assert.equal(await statusOf(people.doctor, path), 403);
      const id = path.slice('Observation/'.length);
      assert.equal((await ask(people.doctor, 'PUT', path, ofF(id, '3'))).status, 403);
      assert.equal((await ask(people.doctor, 'DELETE', path)).status, 403);
      const patch = [{ op: 'test', path: '/status', value: 'final' }];
      assert.equal((await ask(people.doctor, 'PATCH', path, patch, JSON_PATCH)).status, 403);
    }
    const patientF: Caller = { ...people.patientA, patient: 'f', user: 'Patient/f' };
    assert.equal(entriesOf(await ask(patientF, 'GET', 'Observation')).length, 3);
  });

  it('is stopped by a Consent that names it, and for others than own staff by any', async () => {
    await put(consent('unseen', 'f', deny({ ...withActions('collect', 'correct') })));
    assert.equal(await statusOf(people.doctor, 'Observation/kept'), 200);
    assert.equal((await ask(people.doctor, 'PUT', 'Observation/n', ofF('n', '2'))).status, 403);
    assert.equal(
      (await ask(people.doctor, 'PUT', 'Observation/kept', ofF('kept', '2'))).status,
      403,
    );
    await put(consent('unseen', 'f', deny({})));
    const lab = { ...people.pharmacist, role: 'lab' };
    assert.equal((await ask(lab, 'PUT', 'Observation/n', ofF('n', '2'))).status, 404);
  });
});

describe('evidence of the act of the patient', () => {
  const PREFER = { prefer: 'return=OperationOutcome' };
  const evidence: Readonly<Record<string, object>> = {
    sourceAttachment: { sourceAttachment: { contentType: 'text/plain', data: 'eA==' } },
    sourceReference: { sourceReference: { reference: 'DocumentReference/signed' } },
    verification: { verification: [{ verified: true, verificationDate: '2026-01-01' }] },
  };

  it('is missed in what the office records, and its lack is told', async () => {
    const plain = consent('evident', 'b', permit(by('Organization/pharmacy')));
    const told = await ask(people.ehr, 'PUT', 'Consent/evident', plain, PREFER);
    assert.equal(told.status, 201);
    assert.match(told.text, /"severity":"warning"[^]*no evidence[^]*Consent\.source/);
    for (const [name, more] of Object.entries(evidence)) {
      const answer = await ask(people.ehr, 'PUT', 'Consent/evident', { ...plain, ...more }, PREFER);
      assert.equal(answer.status, 200, answer.text);
      assert.doesNotMatch(answer.text, /no evidence/, name);
    }
    const herself = await ask(people.patientB, 'PUT', 'Consent/evident', plain, PREFER);
    assert.doesNotMatch(herself.text, /no evidence/);
    for (const more of [{ status: 'draft' }, { scope: scopeOf('adr') }]) {
      const idle = await send(
        'PUT',
        'Consent/idle',
        { ...consent('idle', 'b', permit({})), ...more },
        PREFER,
      );
      assert.doesNotMatch(idle.text, /no evidence/, idle.text);
    }
  });

  describe('where it is required', () => {
    let strict: TestApp;
    const of = requestsOf(() => strict);
    beforeAll(async () => {
      strict = await startApp({ CHARTSEAL_CONSENT_EVIDENCE: 'require' });
      await putsTo(() => strict)(patient('b', 'Berg'), observation('o', 'b', '1'));
    });
    afterAll(() => strict.close());

    it('lets the office neither give nor revoke without it', async () => {
      const plain = consent('c', 'b', deny({}));
      const refused = await of.send('PUT', 'Consent/c', plain);
      assert.equal(refused.status, 422, refused.text);
      assert.deepEqual(expressionOf(refused), ['Consent.source']);
      assert.equal(await of.statusOf(people.doctor, 'Observation/o'), 200);
      for (const [name, more] of Object.entries(evidence)) {
        const taken = await of.send('PUT', `Consent/${name.toLowerCase()}`, {
          ...consent(name.toLowerCase(), 'b', deny({})),
          ...more,
        });
        assert.equal(taken.status, 201, taken.text);
        assert.equal(await of.statusOf(people.doctor, 'Observation/o'), 403);
        const path = `Consent/${name.toLowerCase()}`;
        const inactive = [{ op: 'replace', path: '/status', value: 'inactive' }];
        assert.equal((await of.send('DELETE', path, undefined)).status, 422);
        assert.equal(await of.statusOf(people.doctor, 'Observation/o'), 403, 'still in force');
        const revoked = await of.send('PATCH', path, inactive, JSON_PATCH);
        assert.equal(revoked.status, 200, revoked.text);
        assert.equal(await of.statusOf(people.doctor, 'Observation/o'), 200);
      }
    });

    it('asks none of the patient', async () => {
      const { ask: asking } = of;
      const plain = consent('own', 'b', deny({}));
      assert.equal((await asking(people.patientB, 'PUT', 'Consent/own', plain)).status, 201);
      assert.equal((await asking(people.patientB, 'DELETE', 'Consent/own')).status, 204);
    });
  });
});

function by(reference: string) {
  return { actor: actor(reference) };
}

function scopeOf(code: string) {
  return { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code }] };
}
