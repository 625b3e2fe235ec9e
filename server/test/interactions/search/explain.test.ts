import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { actor, consent, observation, patient } from '../../support/clinical-samples.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const resource of [
    patient('secret-patient', 'Berg'),
    observation('o1', 'secret-patient', '1-1'),
    consent('c', 'secret-patient', { type: 'deny', actor: actor('Practitioner/other-doctor') }),
  ]) {
    const path = `${resource.resourceType}/${resource.id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());

const explain = (
  query: string,
  caller: Parameters<TestApp['ask']>[0] = people.ehr,
): Promise<Answer> => server.ask(caller, 'GET', `Observation/$explain?${query}`);

const valuesOf = (answer: Answer, name: string): readonly unknown[] => {
  const { parameter } = answer.json() as {
    readonly parameter: readonly Readonly<Record<string, unknown>>[];
  };
  return parameter
    .filter((each) => each['name'] === name)
    .map((each) => each['valueCode'] ?? each['valueString'] ?? each['part']);
};

describe('$explain', () => {
  it('tells what was understood, where the store looks and by which index', async () => {
    const answer = await explain('code=1-1&status=final');
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(valuesOf(answer, 'used'), ['code=1-1', 'status=final']);
    assert.deepEqual(valuesOf(answer, 'looksAt'), ['criterion']);
    assert.match(answer.text, /USING (?:COVERING )?INDEX token_by_value/);
    assert.match(String(valuesOf(answer, 'filter')[0]), /"op":"token","param":"code"/);
    assert.deepEqual(valuesOf(await explain(''), 'looksAt'), ['type']);
    const sorted = await explain('_sort=date');
    assert.ok(['order', 'type'].includes(String(valuesOf(sorted, 'looksAt')[0])));
    assert.equal(
      (await explain('subject.family=Berg&_has:Observation:has-member:code=1')).status,
      200,
    );
  });

  it('tells of each type that may contain what is searched for', async () => {
    const { id, ...inner } = observation('inner', 'secret-patient', '1-1');
    const report = {
      resourceType: 'DiagnosticReport',
      id: 'report',
      status: 'final',
      code: { text: 'x' },
      contained: [{ ...inner, id }],
      result: [{ reference: `#${id}` }],
    };
    const body = JSON.stringify(report);
    assert.equal(
      (await server.ask(people.ehr, 'PUT', 'DiagnosticReport/report', { body })).status,
      201,
    );
    for (const show of ['container', 'contained']) {
      const answer = await explain(`code=1-1&_contained=true&_containedType=${show}`);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(valuesOf(answer, 'type'), ['DiagnosticReport']);
      assert.deepEqual(valuesOf(answer, 'looksAt'), ['criterion']);
      assert.match(String(valuesOf(answer, 'filter')[0]), /"op":"inside","type":"Observation"/);
      assert.doesNotMatch(answer.text, /secret-patient/);
    }
  });

  it('understands what the search itself would: stored terminology, orders behind references', async () => {
    const set = {
      resourceType: 'ValueSet',
      id: 'some',
      url: 'http://example.org/ValueSet/some',
      status: 'active',
      compose: { include: [{ system: 'http://loinc.org', concept: [{ code: '1-1' }] }] },
    };
    const named = 'code:in=http://example.org/ValueSet/some';
    assert.equal((await explain(named)).status, 400);
    const body = JSON.stringify(set);
    assert.equal((await server.ask(people.ehr, 'PUT', 'ValueSet/some', { body })).status, 201);
    assert.equal((await server.ask(people.ehr, 'GET', `Observation?${named}`)).status, 200);
    const answer = await explain(named);
    assert.equal(answer.status, 200, answer.text);
    assert.match(String(valuesOf(answer, 'filter')[0]), /"codes":\["1-1"\]/);

    const behind = await explain('_sort=subject:Patient.family');
    assert.match(JSON.stringify(valuesOf(behind, 'statement')), /string_by_resource|string_entry/);
    assert.doesNotMatch(behind.text, /secret-patient/);
    const narrow = { ...people.ehr, scope: 'system/Observation.rs' };
    assert.equal((await explain('_sort=subject:Patient.family', narrow)).status, 403);
  });

  it('names what it leaves out', async () => {
    const answer = await explain('code=1-1&date=&_cursor=abc');
    assert.deepEqual(valuesOf(answer, 'ignored'), ['date', '_cursor']);
    assert.deepEqual(valuesOf(await explain('code=1-1'), 'ignored'), []);
  });

  it('discloses nothing of any patient', async () => {
    for (const query of ['code=1-1', 'patient.family=Berg', '_sort=-date', 'code=none']) {
      const { text } = await explain(query);
      assert.doesNotMatch(text, /secret-patient|"o1"/, query);
    }
  });

  it('is for operators', async () => {
    for (const caller of [people.doctor, people.pharmacist, people.patientA]) {
      assert.equal((await explain('code=1-1', caller)).status, 403);
    }
    assert.equal((await explain('code=1-1', { ...people.doctor, role: 'admin' })).status, 200);
    assert.equal(
      (await explain('code=1-1', { ...people.ehr, scope: 'system/Patient.rs' })).status,
      403,
    );
    assert.equal((await explain('nonsense=1')).status, 400);
  });
});
