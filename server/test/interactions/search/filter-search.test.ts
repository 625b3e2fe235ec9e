import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { idsOf } from '../../support/clinical-samples.ts';

let server: TestApp;
const ask = (
  path: string,
  caller = people.doctor as Parameters<TestApp['ask']>[0],
): Promise<Answer> => server.ask(caller, 'GET', path);
const filtered = (type: string, filter: string): Promise<Answer> =>
  ask(`${type}?_filter=${encodeURIComponent(filter)}`);

const loinc = 'http://loinc.org';
const resources = [
  {
    resourceType: 'Patient',
    id: 'peter',
    active: true,
    name: [{ family: 'Peterson', given: ['Peter', 'Hans'] }],
    birthDate: '1970-05',
    managingOrganization: { reference: 'Organization/o' },
  },
  { resourceType: 'Patient', id: 'anna', name: [{ family: 'Berg' }], birthDate: '1990-01-01' },
  { resourceType: 'Organization', id: 'o', name: 'Clinic North' },
  {
    resourceType: 'Observation',
    id: 'low',
    status: 'final',
    code: {
      coding: [
        { system: loinc, code: '1-1' },
        { system: 'urn:x', code: 'b' },
      ],
    },
    subject: { reference: 'Patient/peter' },
    effectivePeriod: { start: '2020-01-01', end: '2020-12-31' },
    valueQuantity: { value: 5.4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
  },
  {
    resourceType: 'Observation',
    id: 'high',
    status: 'amended',
    code: { coding: [{ system: loinc, code: '1-2' }] },
    subject: { reference: 'Patient/anna' },
    effectiveDateTime: '2021-03-04T10:00:00Z',
    valueQuantity: { value: 9, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
  },
  {
    resourceType: 'RiskAssessment',
    id: 'risk',
    status: 'final',
    subject: { reference: 'Patient/anna' },
    prediction: [{ probabilityDecimal: 0.8 }],
  },
  {
    resourceType: 'List',
    id: 'mine',
    status: 'current',
    mode: 'working',
    subject: { reference: 'Patient/anna' },
    entry: [{ item: { reference: 'Observation/high' } }, { item: { reference: 'Patient/anna' } }],
  },
];

beforeAll(async () => {
  server = await startApp();
  for (const resource of resources) {
    const path = `${resource.resourceType}/${resource.id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());

describe('_filter', () => {
  const found: readonly (readonly [type: string, filter: string, ids: readonly string[]])[] = [
    ['Patient', 'name co "eter"', ['peter']],
    ['Patient', 'given eq "peter"', ['peter']],
    ['Patient', 'given eq pet', []],
    ['Patient', 'given sw pet', ['peter']],
    ['Patient', 'given ew er', ['peter']],
    ['Patient', 'given ew pe', []],
    ['Patient', 'given ne peter', ['peter']],
    ['Patient', 'family ne peterson', ['anna']],
    ['Patient', 'family gt c', ['peter']],
    ['Patient', 'family lt c', ['anna']],
    ['Patient', 'family ge berg', ['anna', 'peter']],
    ['Patient', 'family le berg', ['anna']],
    ['Patient', 'given pr true', ['peter']],
    ['Patient', 'given pr false', ['anna']],
    ['Patient', 'active eq true', ['peter']],
    ['Patient', 'birthdate eq 1970-05', ['peter']],
    ['Patient', 'birthdate ge 1980', ['anna']],
    ['Patient', 'birthdate co 1970-05-17', ['peter']],
    ['Patient', 'birthdate po 1970-05-17', ['peter']],
    ['Patient', 'birthdate co 1970', []],
    ['Patient', 'birthdate po 1970', ['peter']],
    ['Patient', 'birthdate sa 1980', ['anna']],
    ['Patient', 'birthdate eb 1980', ['peter']],
    ['Patient', '_id eq anna', ['anna']],
    ['Patient', '_id eq anna or _id eq peter', ['anna', 'peter']],
    ['Patient', '_id ne anna', ['peter']],
    ['Patient', '_lastUpdated ge 2000 and not(_id eq anna)', ['peter']],
    ['Patient', 'not (active eq true)', ['anna']],
    ['Patient', 'organization re Organization/o', ['peter']],
    ['Patient', 'organization.name co "north"', ['peter']],
    ['Patient', 'organization.name co "south"', []],
    // From left to right, without precedence.
    ['Patient', '_id eq anna or _id eq peter and active eq true', ['peter']],
    ['Patient', '_id eq anna or (_id eq peter and active eq true)', ['anna', 'peter']],
    ['Observation', `code eq ${loinc}|1-1`, ['low']],
    ['Observation', 'code eq loinc|1-1', ['low']],
    ['Observation', 'code eq 1-1', ['low']],
    ['Observation', 'code ne loinc|1-1', ['high', 'low']],
    ['Observation', 'code ne loinc|1-2', ['low']],
    ['Observation', 'status ne http://hl7.org/fhir/observation-status|final', ['high']],
    ['Observation', 'value-quantity gt 6', ['high']],
    ['Observation', 'value-quantity eq 5.4|ucum|mg', ['low']],
    ['Observation', 'subject.name co "eter"', ['low']],
    ['Observation', 'subject re Patient/peter', ['low']],
    ['Observation', 'patient.organization.name eq "clinic north"', ['low']],
    ['Observation', 'patient[active eq true].name co eter', ['low']],
    ['Observation', 'patient[active eq true].name co berg', []],
    ['Observation', 'date po 2020-06', ['low']],
    ['Observation', 'date co 2020-06', ['low']],
    ['Observation', 'date co 2021', []],
    ['RiskAssessment', 'probability co 0.8', ['risk']],
    ['RiskAssessment', 'probability co 0.7', []],
    ['RiskAssessment', 'probability ap 0.82', ['risk']],
    ['Patient', 'name co "\\u0065ter\\u002c nobody"', []],
  ];
  for (const [type, filter, ids] of found) {
    it(`${type}: ${filter}`, async () => {
      const answer = await filtered(type, filter);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(idsOf(answer), ids);
      assert.match(answer.text, /_filter=/);
    });
  }

  it('refuses what it cannot mean, naming itself', async () => {
    for (const [filter, why] of [
      ['name', /one of eq, ne/],
      ['name zz a', /one of eq, ne/],
      ['name eq', /a value/],
      ['name eq "a', /a value/],
      ['(name eq a', /\) is expected/],
      ['name eq a)', /the end/],
      ['name eq a name eq b', /the end/],
      ['organization[name eq a] eq b', /after a \]/],
      ['birthdate eq soon', /no date/],
      ['active co true', /does not fit/],
      ['birthdate sw 19', /does not fit/],
      ['organization gt a', /does not fit/],
      ['active pr maybe', /true or false/],
      ['nonsense eq a', /no search parameter/],
      ['organization.nonsense eq a', /no search parameter/],
      ['name.family eq a', /no reference/],
      [`${'('.repeat(20)}name eq a${')'.repeat(20)}`, /too deep/],
      [Array(70).fill('name eq a').join(' or '), /too many/],
    ] as const) {
      const answer = await filtered('Patient', filter);
      assert.equal(answer.status, 400, `${filter}: ${answer.text}`);
      assert.match(answer.text, why, filter);
      assert.match(answer.text, /"expression":\["http\._filter"\]/, filter);
    }
  });

  it('leads only through what the scopes let be searched', async () => {
    const narrow = { ...people.doctor, scope: 'user/Observation.rs' };
    const query = `Observation?_filter=${encodeURIComponent('subject.name co "eter"')}`;
    assert.equal((await ask(query, narrow)).status, 403);
    assert.deepEqual(idsOf(await ask(query)), ['low']);
  });
});

describe('_list', () => {
  it('finds the items of a List', async () => {
    assert.deepEqual(idsOf(await ask('Observation?_list=mine')), ['high']);
    assert.deepEqual(idsOf(await ask('Observation?_list=List/mine,other')), ['high']);
    assert.deepEqual(idsOf(await ask('Patient?_list=mine')), ['anna']);
    assert.deepEqual(idsOf(await ask('?_list=mine')), ['anna', 'high']);
    assert.deepEqual(idsOf(await ask('Observation?_list=other')), []);
    assert.deepEqual(idsOf(await ask('Observation?_list=mine&status=final')), []);
  });

  it('refuses functional lists and other values by name', async () => {
    for (const value of ['$current-problems', 'a b', 'Patient/1']) {
      const answer = await ask(`Observation?_list=${encodeURIComponent(value)}`);
      assert.equal(answer.status, 400);
      assert.match(answer.text, /"expression":\["http\._list"\]/);
    }
    const narrow = { ...people.doctor, scope: 'user/Observation.rs' };
    assert.equal((await ask('Observation?_list=mine', narrow)).status, 403);
  });
});
