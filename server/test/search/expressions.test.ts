import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { customParameter } from '../../src/search/custom-parameter.ts';
import { indexEntries } from '../../src/search/indexing/index-values.ts';
import { createRegistry } from '../../src/search/registry.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';

const definitions = loadDefinitions('server/definitions');
const ext = 'http://example.org/extension';

const anna = {
  resourceType: 'Patient',
  id: 'anna',
  contained: [{ resourceType: 'Practitioner', id: 'gp' }],
  active: true,
  extension: [
    { url: `${ext}/eyes`, valueString: 'Green' },
    { url: `${ext}/club`, valueCoding: { system: 'http://club', code: 'gold' } },
    { url: `${ext}/a|b`, valueCode: 'piped' },
    { url: `${ext}/nested`, extension: [{ url: 'since', valueDate: '2020-05' }] },
  ],
  identifier: [
    { system: 'http://id', value: '1', use: 'usual' },
    { system: 'http://old', value: '2', use: 'old' },
  ],
  name: [
    { use: 'official', family: 'Berg', given: ['Anna', 'Maria'] },
    { use: 'nickname', family: 'Ville', given: ['Ann'] },
  ],
  telecom: [
    { system: 'phone', value: '0123', use: 'home', rank: 2 },
    { system: 'email', value: 'anna@example.org', rank: 1 },
  ],
  gender: 'female',
  birthDate: '1980-02-03',
  _birthDate: { extension: [{ url: `${ext}/time`, valueDateTime: '1980-02-03T04:05:00Z' }] },
  generalPractitioner: [
    { reference: '#gp' },
    { reference: 'Organization/o' },
    { reference: 'Practitioner/p' },
  ],
  maritalStatus: { coding: [{ system: 'http://m', code: 'M' }] },
};

const pulse = {
  resourceType: 'Observation',
  id: 'pulse',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
  subject: { reference: 'Patient/anna' },
  effectiveDateTime: '2026-01-02',
  valueQuantity: { value: 61, unit: '/min' },
  component: [
    { code: { text: 'low' }, valueQuantity: { value: 50 } },
    { code: { text: 'high' }, valueInteger: 90 },
  ],
};

const letter = {
  resourceType: 'Bundle',
  type: 'document',
  entry: [
    { resource: { resourceType: 'Composition', id: 'c', title: 'Letter' } },
    { resource: { ...anna, id: 'inside' } },
  ],
};

function custom(type: string, expression: string, base: string) {
  const made = customParameter({
    ...{ resourceType: 'SearchParameter', status: 'active', code: 'own', url: 'http://x/own' },
    ...{ type, expression, base: [base] },
  });
  assert.ok(made);
  return made;
}

/** What a resource is found by, in short. */
function found(type: string, expression: string, resource: { readonly resourceType: string }) {
  const registry = createRegistry(definitions);
  const parameter = custom(type, expression, resource.resourceType);
  assert.deepEqual(registry.review(parameter), [], expression);
  registry.useCustom([parameter], () => true);
  return indexEntries(resource, registry, { baseUrl: 'http://s/fhir' })
    .filter(({ param }) => param === 'own')
    .map((entry) => {
      switch (entry.kind) {
        case 'string':
          return entry.value;
        case 'token':
          return entry.system === null ? entry.code : `${entry.system}|${entry.code}`;
        case 'reference':
          return entry.target;
        case 'date':
          return new Date(entry.from).toISOString().slice(0, 10);
        case 'quantity':
        case 'number':
          return (entry.low + entry.high) / 2;
        default:
          return entry.kind;
      }
    });
}

const url = (name: string): string => `'${ext}/${name}'`;

describe('expressions of search parameters that guides write', () => {
  const cases: readonly (readonly [
    type: string,
    expression: string,
    wanted: readonly unknown[],
  ])[] = [
    ['string', 'Patient.name.first().family', ['Berg']],
    ['string', 'Patient.name.last().family', ['Ville']],
    ['string', 'Patient.name.tail().family', ['Ville']],
    ['string', 'Patient.name[1].given[0]', ['Ann']],
    ['string', 'Patient.name.given[1]', ['Maria']],
    ['string', 'Patient.name.skip(1).family', ['Ville']],
    ['string', 'Patient.name.take(1).family', ['Berg']],
    ['string', 'Patient.name.given.first()', ['Anna']],
    ['string', "Patient.name.where(use='official').family", ['Berg']],
    ['string', "Patient.name.where( use = 'official' ).given.first()", ['Anna']],
    ['string', "Patient.name.where(use != 'official').family", ['Ville']],
    ['string', "Patient.name.where(use = 'official' or use = 'usual').family", ['Berg']],
    ['string', 'Patient.name.where(given.count() > 1).family', ['Berg']],
    ['string', "Patient.name.where(given contains 'Ann').family", ['Ville']],
    ['string', "Patient.name.where('Ann' in given).family", ['Ville']],
    ['string', 'Patient.name.where(period.exists().not()).family', ['Berg', 'Ville']],
    [
      'string',
      'Patient.name.where($this.family.startsWith(%resource.name.first().family)).family',
      ['Berg'],
    ],
    ['string', '(Patient.name | Patient.contact.name).family', ['Berg', 'Ville']],
    ['string', 'Patient.name.select(given.first())', ['Anna', 'Ann']],
    ['string', "Patient.name.first().select(given.first() & ' ' & family)", ['Anna Berg']],
    ['string', 'Patient.name.first().family.upper()', ['BERG']],
    ['string', "Patient.name.given.join(' ')", ['Anna Maria Ann']],
    ['string', "iif(Patient.active, Patient.name.first().family, 'nobody')", ['Berg']],
    ['string', 'Patient.name.where(use = %resource.name.last().use).family.single()', ['Ville']],
    ['string', 'name.first().family', ['Berg']],
    ['string', `Patient.extension(${url('eyes')}).value`, ['Green']],
    ['string', `Patient.extension.where(url = ${url('eyes')}).value as string`, ['Green']],
    ['string', `(Patient.extension.where(url=${url('eyes')}).value as string)`, ['Green']],
    ['string', `Patient.extension(${url('eyes')}).valueString`, ['Green']],
    ['string', `Patient.extension(${url('eyes')}).value.ofType(FHIR.string)`, ['Green']],
    ['token', `Patient.extension(${url('a|b')}).value.ofType(code)`, ['piped']],
    ['token', `Patient.extension(${url('club')}).value.ofType(Coding)`, ['http://club|gold']],
    ['token', `Patient.extension(${url('club')}).value.first() as Coding`, ['http://club|gold']],
    ['token', `Patient.extension.where(url = ${url('club')}).value.code`, ['gold']],
    ['token', `Patient.extension(${url('club')}).exists()`, ['true']],
    ['token', `Patient.extension(${url('none')}).exists()`, ['false']],
    ['token', 'Patient.deceased.exists() and Patient.deceased != false', ['false']],
    ['token', 'Patient.active.not()', ['false']],
    ['token', "Patient.gender = 'female'", ['true']],
    ['token', 'Patient.gender.first()', ['female']],
    ['token', 'Patient.maritalStatus | Patient.gender.first()', ['http://m|M', 'female']],
    ['token', "Patient.identifier.where(system = 'http://id' and use = 'usual')", ['http://id|1']],
    ['token', "Patient.telecom.where(system='email').where(rank = 1)", ['anna@example.org']],
    ['token', 'Patient.telecom.where(rank < 2).value', ['anna@example.org']],
    ['date', 'Patient.birthDate.first()', ['1980-02-03']],
    ['date', `Patient.birthDate.extension(${url('time')}).value`, ['1980-02-03']],
    [
      'date',
      `Patient.extension(${url('nested')}).extension('since').value as date`,
      ['2020-05-01'],
    ],
    [
      'reference',
      'Patient.generalPractitioner.where(resolve() is Organization)',
      ['Organization/o'],
    ],
    [
      'reference',
      'Patient.generalPractitioner.where(resolve() is Organization or resolve() is Practitioner)',
      ['Organization/o', 'Practitioner/p'],
    ],
    [
      'reference',
      'Patient.generalPractitioner.where(resolve().is(Practitioner)).last()',
      ['Practitioner/p'],
    ],
    ['reference', 'Patient.generalPractitioner.last()', ['Practitioner/p']],
    ['number', 'Patient.name.count()', [2]],
    ['number', 'Patient.telecom.rank.first()', [2]],
  ];
  for (const [type, expression, wanted] of cases) {
    it(`${type} ${expression}`, () => assert.deepEqual(found(type, expression, anna), wanted));
  }

  it('lead to elements of several types, and into resources inside', () => {
    for (const [type, expression, resource, wanted] of [
      ['quantity', 'Observation.value as Quantity', pulse, [61]],
      ['quantity', 'Observation.value.ofType(Quantity)', pulse, [61]],
      ['quantity', 'Observation.valueQuantity', pulse, [61]],
      [
        'number',
        "Observation.component.where(code.text = 'high').value.ofType(integer)",
        pulse,
        [90],
      ],
      ['quantity', 'Observation.component.first().value.ofType(Quantity)', pulse, [50]],
      [
        'date',
        'Observation.effective.as(dateTime) | Observation.effective.as(Period)',
        pulse,
        ['2026-01-02'],
      ],
      [
        'date',
        'Observation.effective.as(dateTime)|Observation.effective.as(Period)',
        pulse,
        ['2026-01-02'],
      ],
      ['string', 'Observation.code.coding.display.first()', pulse, ['Heart rate']],
      [
        'token',
        'Observation.code | Observation.code.coding.display.first()',
        pulse,
        ['http://loinc.org|8867-4', 'heart rate'],
      ],
      ['reference', 'Patient.link.other | Observation.subject.first()', pulse, ['Patient/anna']],
      ['string', 'Bundle.entry.resource.ofType(Patient).name.first().family', letter, ['Berg']],
      ['reference', 'Bundle.entry.last().resource', letter, ['Patient/inside']],
    ] as const) {
      assert.deepEqual(found(type, expression, resource), wanted, expression);
    }
  });

  it('are found by what stands beside a primitive alone', () => {
    const { birthDate, ...unborn } = anna;
    assert.equal(birthDate, '1980-02-03');
    const expression = `Patient.birthDate.extension(${url('time')}).value`;
    assert.deepEqual(found('date', expression, unborn), ['1980-02-03']);
  });

  it('have no value where they fail, or would take too much, and nothing else is lost', () => {
    assert.deepEqual(found('string', 'Patient.name.family.single()', anna), []);
    assert.deepEqual(found('string', 'Patient.name.last().family.single()', anna), ['Ville']);
    const name = Array.from({ length: 3000 }, (_, i) => ({ family: `f${i}` }));
    const crowd = { ...anna, name };
    const square = 'Patient.name.where(family in %resource.name.family).first().family';
    assert.deepEqual(found('string', square, crowd), []);
    assert.deepEqual(found('string', square, anna), ['Berg']);
    assert.deepEqual(found('string', 'Patient.name.first().family', crowd), ['f0']);
  });

  it('are refused in one line that says why, where they cannot be indexed', () => {
    const registry = createRegistry(definitions);
    for (const [type, expression, why] of [
      ['string', 'Patient.nonsense', /Patient has no element nonsense/],
      ['string', "Patient.name.where(usse = 'official').family", /HumanName has no element usse/],
      ['string', 'Patient.name.where(', /ends too early/],
      ['string', 'Patient.name.given.frob()', /frob\(\)/],
      ['string', 'Observation.code.text', /no part of it starts at Patient/],
      ['string', 'Patinet.name', /no type Patinet/],
      ['string', 'Patient.name.exists()', /nothing that a string could be made of/],
      ['string', "Patient.name.matches('(a+)+$')", /nothing that a string could be made of/],
      ['quantity', 'Patient.name', /nothing that a quantity/],
      ['date', 'Patient.birthDate.toDate()', /nothing that a date/],
      ['string', 'Patient.managingOrganization.resolve().name', /only the type/],
      ['reference', 'Patient.generalPractitioner.where(resolve() is Doctor)', /no type Doctor/],
      ['date', 'now()', /not the same tomorrow/],
      ['token', 'Patient.birthDate < today()', /not the same tomorrow/],
      ['token', "Patient.maritalStatus.memberOf('http://x')", /what else is stored/],
      ['string', 'Patient.descendants()', /no definite type/],
      ['string', 'Patient.name.children()', /no definite type/],
      ['string', 'Patient.name.ofType(Quantity)', /nothing there is a Quantity/],
      ['string', 'Patient.extension.first().valueString', /ofType/],
      ['special', 'Patient.name', /special/],
      ['string', `Patient.name${'.select($this | $this)'.repeat(40)}`, /too many elements/],
      ['string', `${'('.repeat(500)}Patient.name${')'.repeat(500)}`, /nested too deeply/],
    ] as const) {
      const issues = registry.review(custom(type, expression, 'Patient'));
      assert.deepEqual(
        issues.map(({ severity }) => severity),
        ['error'],
        expression,
      );
      assert.match(issues[0]?.diagnostics ?? '', why, expression);
      assert.ok(!issues[0]?.diagnostics.includes('\n'));
    }
  });
});
