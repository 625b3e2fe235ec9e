import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { example, r4 } from '../support/r4.ts';
import type { Json } from '../support/r4.ts';

const observation: Json = {
  resourceType: 'Observation',
  id: 'o-1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'Patient/a' },
  effectiveDateTime: '2024-02-29T10:00:00+01:00',
  valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
};
const patient: Json = {
  resourceType: 'Patient',
  active: true,
  name: [{ family: 'Wirt', given: ['Ada', 'B.'] }],
  gender: 'female',
  birthDate: '1980-05',
};
const organization: Json = { resourceType: 'Organization', name: 'General' };

const contained = { resourceType: 'Patient', id: 'p' };
const deep = (levels: number): Json =>
  levels === 0
    ? { url: 'http://x', valueBoolean: true }
    : { url: 'http://x', extension: [deep(levels - 1)] };

/** What is changed in a valid resource, and where the issue must point. */
const MUTANTS: readonly (readonly [name: string, resource: unknown, expression: string])[] = [
  ['no object', 'x', 'Resource'],
  ['an array', [], 'Resource'],
  ['null', null, 'Resource'],
  ['no type', {}, 'Resource'],
  ['unknown type', { resourceType: 'Foo' }, 'Resource'],
  ['abstract type', { resourceType: 'DomainResource' }, 'Resource'],
  ['prototype name as type', { resourceType: 'constructor' }, 'Resource'],
  ['unknown property', { ...patient, nick: 'x' }, 'Patient.nick'],
  [
    'prototype name as property',
    JSON.parse('{"resourceType":"Patient","__proto__":{"a":1}}'),
    'Patient.__proto__',
  ],
  ['inherited name as property', { ...patient, toString: 'x' }, 'Patient.toString'],
  ['property of another type', { ...patient, name: [{ line: 'x' }] }, 'Patient.name[0].line'],
  [
    'private element of another vendor',
    { ...patient, meta: { project: 'x' } },
    'Patient.meta.project',
  ],
  ['missing required element', { ...observation, status: undefined, code: {} }, 'Observation.code'],
  ['array where one is due', { ...patient, gender: ['female'] }, 'Patient.gender'],
  ['one where an array is due', { ...patient, name: { family: 'x' } }, 'Patient.name'],
  ['empty array', { ...patient, name: [] }, 'Patient.name'],
  ['empty object', { ...patient, name: [{}] }, 'Patient.name[0]'],
  ['empty string', { ...patient, name: [{ family: '' }] }, 'Patient.name[0].family'],
  ['blank string', { ...patient, name: [{ family: ' ' }] }, 'Patient.name[0].family'],
  ['null value', { ...patient, birthDate: null }, 'Patient.birthDate'],
  ['null in an array of objects', { ...patient, name: [null] }, 'Patient.name[0]'],
  [
    'null without its twin',
    { ...patient, name: [{ given: ['a', null] }] },
    'Patient.name[0].given[1]',
  ],
  ['number for a string', { ...patient, name: [{ family: 5 }] }, 'Patient.name[0].family'],
  ['string for a boolean', { ...patient, active: 'true' }, 'Patient.active'],
  [
    'string for a number',
    { ...observation, valueQuantity: { value: '72' } },
    'Observation.valueQuantity.value',
  ],
  [
    'fraction for an integer',
    { ...patient, multipleBirthInteger: 1.5 },
    'Patient.multipleBirthInteger',
  ],
  [
    'more than 32 bits',
    { ...patient, multipleBirthInteger: 2147483648 },
    'Patient.multipleBirthInteger',
  ],
  ['object for a primitive', { ...patient, birthDate: {} }, 'Patient.birthDate'],
  ['primitive for an object', { ...observation, code: 'x' }, 'Observation.code'],
  ['bad id', { ...patient, id: 'a/b' }, 'Patient.id'],
  ['long id', { ...patient, id: 'a'.repeat(65) }, 'Patient.id'],
  ['no such day', { ...patient, birthDate: '2023-02-29' }, 'Patient.birthDate'],
  ['time in a date', { ...patient, birthDate: '2023-02-28T10:00:00Z' }, 'Patient.birthDate'],
  [
    'time without zone',
    { ...observation, effectiveDateTime: '2024-01-01T10:00:00' },
    'Observation.effectiveDateTime',
  ],
  [
    'instant without seconds',
    { ...observation, issued: '2024-01-01T10:00Z' },
    'Observation.issued',
  ],
  ['code out of its value set', { ...patient, gender: 'f' }, 'Patient.gender'],
  ['code with prototype name', { ...patient, gender: 'constructor' }, 'Patient.gender'],
  ['two values of a choice', { ...observation, valueString: 'x' }, 'Observation.value'],
  [
    'type that a choice does not have',
    { ...observation, valueQuantity: undefined, valueMoney: {} },
    'Observation.valueMoney',
  ],
  ['twin of an unknown element', { ...patient, _nick: { id: 'x' } }, 'Patient._nick'],
  ['twin of an object', { ...patient, _name: [{ id: 'x' }] }, 'Patient._name'],
  [
    'bad twin',
    { ...patient, _birthDate: { extension: [{ url: 'http://x' }] } },
    'Patient.birthDate.extension[0]',
  ],
  [
    'extension with value and extensions',
    {
      ...patient,
      extension: [{ url: 'http://x', valueCode: 'a', extension: [{ url: 'b', valueCode: 'c' }] }],
    },
    'Patient.extension[0]',
  ],
  [
    'extension without url',
    { ...patient, extension: [{ valueCode: 'a' }] },
    'Patient.extension[0].url',
  ],
  ['pat-1', { ...patient, contact: [{ gender: 'male' }] }, 'Patient.contact[0]'],
  ['obs-6', { ...observation, dataAbsentReason: { text: 'x' } }, 'Observation'],
  ['obs-7', { ...observation, component: [{ code: observation['code'] }] }, 'Observation'],
  [
    'per-1',
    { ...patient, name: [{ family: 'x', period: { start: '2024', end: '2023-12' } }] },
    'Patient.name[0].period',
  ],
  ['ref-1', { ...observation, subject: { reference: '#nobody' } }, 'Observation.subject'],
  ['dom-3', { ...observation, contained: [contained] }, 'Observation'],
  [
    'dom-2',
    { ...observation, subject: { reference: '#p' }, contained: [{ ...contained, contained: [] }] },
    'Observation',
  ],
  [
    'dom-4',
    {
      ...observation,
      subject: { reference: '#p' },
      contained: [{ ...contained, meta: { versionId: '1' } }],
    },
    'Observation',
  ],
  ['org-1', { resourceType: 'Organization', active: true }, 'Organization'],
  [
    'org-3',
    { ...organization, telecom: [{ system: 'phone', value: '1', use: 'home' }] },
    'Organization.telecom[0]',
  ],
  [
    'reference that nobody can follow',
    { ...observation, subject: { reference: 'Patient/a/' } },
    'Observation.subject.reference',
  ],
  [
    'reference to no type of R4',
    { ...observation, subject: { reference: 'Foo/a' } },
    'Observation.subject.reference',
  ],
  [
    'too deep',
    { ...patient, extension: [deep(70)] },
    `Patient.extension[0]${'.extension[0]'.repeat(63)}`,
  ],
  ['control character', { ...patient, name: [{ family: 'a\u0000b' }] }, 'Patient.name[0].family'],
  ['half a surrogate pair', { ...patient, name: [{ family: '\ud800' }] }, 'Patient.name[0].family'],
];

/** Unusual and yet valid. */
const VALID: readonly (readonly [name: string, resource: Json])[] = [
  ['the observation', observation],
  ['the patient', patient],
  ['the organization', organization],
  [
    'nulls with twins',
    {
      ...patient,
      name: [
        {
          given: ['a', null],
          _given: [null, { extension: [{ url: 'http://x', valueCode: 'y' }] }],
        },
      ],
    },
  ],
  [
    'a twin alone',
    {
      ...patient,
      birthDate: undefined,
      _birthDate: { extension: [{ url: 'http://x', valueCode: 'y' }] },
    },
  ],
  [
    'required element as a twin',
    { ...observation, _status: { extension: [{ url: 'http://x', valueCode: 'y' }] } },
  ],
  ['a contained patient', { ...observation, subject: { reference: '#p' }, contained: [contained] }],
  [
    'a urn',
    { ...observation, subject: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' } },
  ],
  ['a conditional reference', { ...observation, device: { reference: 'Device?identifier=x|1' } }],
  [
    'a period within a year',
    { ...patient, name: [{ family: 'x', period: { start: '2024-05-01', end: '2024' } }] },
  ],
  ['a leap second', { ...observation, issued: '2016-12-31T23:59:60Z' }],
  ['text that is not ASCII', { ...patient, name: [{ family: 'Łukasz 😀' }] }],
];

const withoutUndefined = (resource: unknown): unknown =>
  resource === undefined ? undefined : (JSON.parse(JSON.stringify(resource)) as unknown);

describe('validation against base R4', () => {
  for (const [name, resource] of VALID) {
    it(`accepts ${name}`, () => assert.deepEqual(r4.validate(withoutUndefined(resource)), []));
  }

  for (const [name, resource, expression] of MUTANTS) {
    it(`refuses ${name}`, () => {
      // A prototype name is only an own property as JSON.parse makes it.
      const issues = r4.validate(
        name.startsWith('prototype name as property') ? resource : withoutUndefined(resource),
      );
      const found = issues.map((issue) => issue.expression?.[0]);
      assert.ok(found.includes(expression), `${expression} is not among ${JSON.stringify(issues)}`);
      for (const { severity, diagnostics } of issues) {
        assert.equal(severity, 'error');
        assert.ok(diagnostics.length > 0);
      }
    });
  }

  it('warns of a reference to a type that the element does not allow, and does not refuse it', () => {
    const resource = { ...observation, subject: { reference: 'Organization/a' } };
    assert.deepEqual(r4.validate(resource), []);
    const warned = (of: object): unknown[] =>
      r4
        .review(of)
        .flatMap(({ severity, expression }) =>
          severity === 'warning' ? (expression ?? []) : [severity],
        );
    // dom-6: a resource should have narrative.
    assert.deepEqual(warned(resource), ['Observation.subject.reference', 'Observation']);
    assert.deepEqual(warned(observation), ['Observation']);
  });

  it('reports errors however many warnings there are', () => {
    const performer = Array.from({ length: 200 }, () => ({ reference: 'Encounter/a' }));
    const issues = r4.validate({ ...observation, performer, status: 'nonsense' });
    assert.deepEqual(
      issues.map(({ expression }) => expression),
      [['Observation.status']],
    );
  });

  it('tells at most 50 errors', () => {
    const name = Array.from({ length: 500 }, () => ({ family: 1 }));
    assert.equal(r4.validate({ ...patient, name }).length, 50);
  });

  it('takes time in proportion to the size, whatever repeats', () => {
    const resources: ((count: number) => Json)[] = [
      (count) => ({
        resourceType: 'Bundle',
        type: 'collection',
        entry: times(count, (i) => ({ fullUrl: `urn:uuid:${i}`, resource: contained })),
      }),
      (count) => ({
        ...observation,
        contained: times(count, (i) => ({ resourceType: 'Patient', id: `p${i}` })),
        performer: times(count, (i) => ({ reference: `#p${i}` })),
      }),
      (count) => ({
        ...observation,
        code: { coding: times(count, (i) => ({ code: `c${i}` })) },
        component: times(count, (i) => ({ code: { coding: [{ code: String(i) }] } })),
      }),
      (count) => ({
        resourceType: 'CodeSystem',
        status: 'draft',
        content: 'complete',
        concept: times(count, (i) => ({ code: `c${i}` })),
      }),
    ];
    for (const make of resources) {
      const [few, many] = [make(1000), make(8000)];
      assert.deepEqual(r4.validate(few), []);
      const ratio = leastRatio(
        () => r4.validate(many),
        () => r4.validate(few),
      );
      // With the square of the size it would be 64.
      assert.ok(ratio < 32, `${String(few['resourceType'])} took ${ratio} times as long`);
    }
  });

  it('never throws, whatever JSON it is given', () => {
    const seeds = [
      'Observation-f001',
      'Patient-example',
      'MedicationRequest-medrx0301',
      'Consent-consent-example-basic',
    ].map(example);
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.jsonValue(),
        fc.array(fc.nat(), { maxLength: 6 }),
        (seed, value, path) => {
          const resource = structuredClone(seed);
          plant(resource, path, value);
          for (const { severity } of r4.validate(resource)) assert.equal(severity, 'error');
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** Puts the value somewhere into the resource. */
function plant(resource: Json, path: readonly number[], value: unknown): void {
  let at: Json = resource;
  for (const step of path) {
    const keys = Object.keys(at);
    const key = keys[step % keys.length] ?? 'x';
    const next = at[key];
    if (typeof next !== 'object' || next === null || Object.keys(next).length === 0) {
      at[key] = value;
      return;
    }
    at = next as Json;
  }
  const [key] = Object.keys(at);
  if (key !== undefined && key !== 'resourceType') at[key] = value;
}

function times<T>(count: number, item: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

/**
 * How many times the processor time of the second act the first takes. One quick or slow moment of either proves
 * nothing, and the processor's clock counts the collector's threads too: the least of seven measured by turns is given.
 */
function leastRatio(long: () => void, short: () => void): number {
  return Math.min(...times(7, () => cpuTime(long) / Math.max(1, cpuTime(short))));
}

function cpuTime(act: () => void): number {
  const before = process.cpuUsage();
  act();
  return process.cpuUsage(before).user / 1000;
}
