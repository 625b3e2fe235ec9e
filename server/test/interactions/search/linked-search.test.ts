import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../../support/app.ts';
import {
  actor,
  consent,
  idsOf,
  labelled,
  looselyLabelled,
  medicationRequest,
  observation,
  patient,
  putsTo,
} from '../../support/clinical-samples.ts';

let server: TestApp;
const as = (caller: Caller, path: string): Promise<Answer> => server.ask(caller, 'GET', path);
const put = putsTo(() => server);
const organization = (id: string, partOf?: string) => ({
  resourceType: 'Organization',
  id,
  name: `org ${id}`,
  ...(partOf === undefined ? {} : { partOf: { reference: `Organization/${partOf}` } }),
});

const inNorth = { managingOrganization: { reference: 'Organization/north' } };

beforeAll(async () => {
  server = await startApp();
  await put(
    organization('root'),
    organization('north', 'root'),
    organization('south'),
    { ...patient('b', 'Berg'), ...inNorth },
    observation('b1', 'b', '1-1'),
  );
});
afterAll(() => server.close());

/** Everything an otherwise equal answer may differ in. */
function plain({ status, text }: Answer): string {
  return `${status} ${text.replaceAll(/\d{4}-\d\d-\d\dT[^"]+/g, 'T')}`;
}

const probes = [
  'Observation?patient.family=Ahorn',
  'Observation?subject.family=Ahorn&_total=accurate',
  'Observation?subject:Patient.birthdate=1970-01-01&_sort=-_lastUpdated',
  'Observation?patient.organization.name=org&_total=accurate',
  'Observation?patient.organization:Organization.partof.name=org&_summary=count',
  'Patient?_has:Observation:patient:code=1-1',
  'Patient?_has:Observation:subject:code=secret&_total=accurate',
  'Patient?organization.name=org&_summary=count',
  'Organization?_has:Patient:organization:family=Ahorn',
  'Organization?_has:Patient:organization:birthdate=1970-01-01',
  'Organization?_has:Patient:organization:_has:Observation:patient:code=secret',
  'Organization?_has:Organization:partof:_has:Patient:organization:birthdate=1970-01-01',
  'Organization?_revinclude=Patient:organization',
  'Organization?_revinclude=*',
  'Organization?_revinclude=Patient:organization&_revinclude:iterate=Observation:patient',
  'Observation?_include=Observation:patient&_include:iterate=Patient:organization',
  'Observation?_include=*&_revinclude=Observation:has-member',
];

describe('chains and _has', () => {
  it('find what may be seen', async () => {
    for (const [query, expected] of [
      ['Observation?patient.family=Berg', ['b1']],
      ['Observation?subject:Patient.family=Berg', ['b1']],
      ['Observation?subject.family=Berg', ['b1']],
      ['Observation?patient.organization.name=org n', ['b1']],
      ['Observation?patient.organization.partof.name=org root', ['b1']],
      ['Observation?patient.organization.partof.name=org north', []],
      ['Observation?patient.family=Nobody', []],
      ['Patient?_has:Observation:patient:code=1-1', ['b']],
      ['Patient?_has:Observation:patient:code=1-2', []],
      ['Organization?_has:Patient:organization:_has:Observation:patient:code=1-1', ['north']],
      ['Organization?_has:Organization:partof:_has:Patient:organization:family=Berg', ['root']],
      ['Organization?_has:Patient:organization:organization.partof.name=org root', ['north']],
    ] as const) {
      assert.deepEqual(idsOf(await as(people.doctor, query)), expected, query);
    }
    const posted = await server.ask(people.doctor, 'POST', 'Observation/_search', {
      body: 'patient.family=Berg&_include=Observation%3Apatient',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.deepEqual(idsOf(posted), ['b', 'b1']);
  });

  it('need scopes for every type they lead through', async () => {
    const narrow = { ...people.doctor, scope: 'user/Observation.rs user/Organization.rs' };
    for (const query of [
      'Observation?patient.family=Berg',
      'Observation?patient.organization.name=org',
      'Organization?_has:Patient:organization:family=Berg',
    ]) {
      assert.equal((await as(narrow, query)).status, 403, query);
    }
    assert.equal((await as(narrow, 'Organization?partof.name=org')).status, 200);
    // What a scope's query leaves is all that there is.
    const limited = (query: string) => ({
      ...people.doctor,
      scope: `user/Patient.rs?${query} user/Observation.rs`,
    });
    await put({ ...patient('b', 'Berg'), ...inNorth, meta: { tag: [{ code: 'ward' }] } });
    for (const [query, ids] of [
      ['_tag=ward', ['b1']],
      ['_tag=other', []],
    ] as const) {
      const answer = await as(limited(query), 'Observation?patient.family=Berg');
      assert.deepEqual(idsOf(answer), ids, query);
    }
    const types = { ...people.doctor, scope: 'user/Patient.rs user/Observation.rs' };
    assert.deepEqual(idsOf(await as(types, 'Observation?subject.identifier:missing=true')), ['b1']);
  });

  it('refuse what would cost too much', async () => {
    const deep = `Organization?${'partof.'.repeat(6)}name=x`;
    assert.match((await as(people.doctor, deep)).text, /too-costly/);
    assert.equal((await as(people.doctor, deep)).status, 400);
    assert.equal((await as(people.doctor, deep.replace('partof.', ''))).status, 200);
  });

  it('are limited in conditions too, where only criteria count', async () => {
    const create = (condition: string) =>
      server.ask(people.doctor, 'POST', 'Observation', {
        body: JSON.stringify({ ...observation('', 'b', 'conditional'), id: undefined }),
        headers: { 'if-none-exist': condition },
      });
    const chained = 'patient.family=Berg&code=conditional';
    const made = await create(chained);
    assert.equal(made.status, 201, made.text);
    const again = await create(chained);
    assert.deepEqual([again.status, again.json()['id']], [200, made.json()['id']]);
    assert.equal((await create('_include=Observation:patient&_summary=true')).status, 400);
    const gone = await server.ask(
      people.doctor,
      'DELETE',
      `Observation/${String(made.json()['id'])}`,
    );
    assert.equal(gone.status, 204, gone.text);
  });

  it('and includes answer the same whether what is hidden exists or not', async () => {
    const callers = [people.otherDoctor, people.pharmacist, people.patientB];
    const ask = () =>
      Promise.all(
        callers.flatMap((caller) =>
          probes.map(async (query) => `${query} ${plain(await as(caller, query))}`),
        ),
      );
    await put(consent('other', 'a', { type: 'deny', actor: actor('Practitioner/other-doctor') }));
    const absent = await ask();
    for (const each of absent) assert.match(each, / 200 \{/);
    await put(
      { ...patient('a', 'Ahorn'), managingOrganization: { reference: 'Organization/south' } },
      { ...observation('a1', 'a', '1-1'), hasMember: [{ reference: 'Observation/b1' }] },
      observation('a2', 'a', 'secret'),
      medicationRequest('am', 'a'),
    );
    const present = await ask();
    assert.deepEqual(present, absent);
    // The control: whoever may see it finds it by the same queries.
    for (const [query, expected] of [
      ['Observation?patient.family=Ahorn', ['a1', 'a2']],
      ['Patient?_has:Observation:subject:code=secret', ['a']],
      ['Organization?_has:Patient:organization:family=Ahorn', ['south']],
      ['Organization?_has:Patient:organization:_has:Observation:patient:code=secret', ['south']],
      ['Organization?_id=south&_revinclude=Patient:organization', ['a', 'south']],
      ['Observation?_id=b1&_revinclude=Observation:has-member', ['a1', 'b1']],
    ] as const) {
      assert.deepEqual(idsOf(await as(people.doctor, query)), expected, query);
    }
  });

  it('find nothing by data that is labelled as too confidential, however the label is written', async () => {
    await put(
      observation('plain', 'b', 'open-1'),
      labelled(observation('restricted', 'b', 'hidden-1'), 'R'),
      looselyLabelled(observation('loose', 'b', 'hidden-2'), 'V'),
    );
    const has = (code: string) => `Patient?_has:Observation:patient:code=${code}`;
    for (const code of ['hidden-1', 'hidden-2', 'unheard-of']) {
      assert.deepEqual(idsOf(await as(people.doctor, has(code))), [], code);
    }
    assert.deepEqual(idsOf(await as(people.doctor, has('open-1'))), ['b']);
    for (const [caller, total] of [
      [people.doctor, 0],
      [people.patientB, 1],
    ] as const) {
      const count = await as(caller, 'Observation?code=hidden-2&_summary=count');
      assert.equal(count.json()['total'], total);
    }
    for (const code of ['hidden-1', 'hidden-2', 'open-1']) {
      assert.deepEqual(idsOf(await as(people.patientB, has(code))), ['b'], code);
    }
  });

  it('lead to what another organisation is permitted only', async () => {
    await put(
      consent('pharmacy', 'b', {
        type: 'permit',
        actor: actor('Organization/pharmacy'),
        class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'MedicationRequest' }],
      }),
      medicationRequest('bm', 'b'),
    );
    assert.deepEqual(idsOf(await as(people.pharmacist, 'MedicationRequest?patient=b')), ['bm']);
    const chained = 'MedicationRequest?patient.family=Berg';
    assert.deepEqual(idsOf(await as(people.pharmacist, chained)), []);
    assert.deepEqual(idsOf(await as(people.doctor, chained)), ['bm']);
    const along = 'MedicationRequest?patient=b&_include=MedicationRequest:patient';
    assert.deepEqual(idsOf(await as(people.pharmacist, along)), ['bm']);
    assert.deepEqual(idsOf(await as(people.doctor, along)), ['b', 'bm']);
  });
});
