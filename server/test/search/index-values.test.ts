import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { LATEST } from '../../src/fhir/instant.ts';
import { foldString } from '../../src/search/fold.ts';
import { BASE, example, r4 } from '../support/r4.ts';

/** Entries of one parameter, without what names it. */
function entriesOf(param: string, resource: object): object[] {
  const found = r4.indexEntries(resource).filter((entry) => entry.param === param);
  return found.map((entry) => {
    const names = Object.entries(entry).filter(([name]) => name !== 'kind' && name !== 'param');
    return Object.fromEntries(names);
  });
}
const day = (text: string): number => Date.parse(text);

describe('index entries', () => {
  const table: readonly [what: string, param: string, resource: object, entries: object[]][] = [
    [
      'a boolean',
      'active',
      { resourceType: 'Patient', active: false },
      [{ system: null, code: 'false' }],
    ],
    [
      'a code',
      'gender',
      { resourceType: 'Patient', gender: 'male' },
      [{ system: null, code: 'male' }],
    ],
    [
      'codings',
      'code',
      {
        resourceType: 'Observation',
        code: { coding: [{ system: 's', code: 'a' }, { code: 'b' }, { display: 'c' }] },
      },
      [
        { system: 's', code: 'a' },
        { system: null, code: 'b' },
      ],
    ],
    [
      'the same coding twice',
      'code',
      {
        resourceType: 'Observation',
        code: {
          coding: [
            { system: 's', code: 'a' },
            { system: 's', code: 'a', display: 'x' },
          ],
        },
      },
      [{ system: 's', code: 'a' }],
    ],
    [
      'an identifier',
      'identifier',
      { resourceType: 'Patient', identifier: [{ system: 's', value: 'v' }, { system: 't' }] },
      [{ system: 's', code: 'v' }],
    ],
    [
      'where',
      'phone',
      {
        resourceType: 'Patient',
        telecom: [
          { system: 'phone', value: '1' },
          { system: 'email', value: '2' },
        ],
      },
      [{ system: null, code: '1' }],
    ],
    ['alive', 'deceased', { resourceType: 'Patient' }, [{ system: null, code: 'false' }]],
    [
      'dead',
      'deceased',
      { resourceType: 'Patient', deceasedDateTime: '2020' },
      [{ system: null, code: 'true' }],
    ],
    [
      'not dead',
      'deceased',
      { resourceType: 'Patient', deceasedBoolean: false },
      [{ system: null, code: 'false' }],
    ],
    [
      'folded text',
      'family',
      { resourceType: 'Patient', name: [{ family: 'Łäß' }] },
      [{ value: 'Łäß', folded: 'łass' }],
    ],
    [
      'the lines of an address',
      'address',
      { resourceType: 'Patient', address: [{ line: ['A', 'B'], city: 'C' }] },
      [
        { value: 'A', folded: 'a' },
        { value: 'B', folded: 'b' },
        { value: 'C', folded: 'c' },
      ],
    ],
    [
      'a day',
      'birthdate',
      { resourceType: 'Patient', birthDate: '1980-05-02' },
      [{ from: day('1980-05-02'), to: day('1980-05-03') }],
    ],
    [
      'an open period',
      'date',
      { resourceType: 'Observation', effectivePeriod: { start: '2020' } },
      [{ from: day('2020-01-01'), to: LATEST }],
    ],
    [
      'the limits of a schedule',
      'date',
      { resourceType: 'Observation', effectiveTiming: { event: ['2020', '2022'] } },
      [{ from: day('2020-01-01'), to: day('2023-01-01') }],
    ],
    ['no date', 'date', { resourceType: 'Observation', effectiveDateTime: 'soon' }, []],
    [
      'a reference',
      'subject',
      { resourceType: 'Observation', subject: { reference: 'Patient/a/_history/2' } },
      [{ target: 'Patient/a' }],
    ],
    [
      'our own URL',
      'subject',
      { resourceType: 'Observation', subject: { reference: `${BASE}/Patient/a` } },
      [{ target: 'Patient/a' }],
    ],
    [
      "another's URL",
      'patient',
      { resourceType: 'Observation', subject: { reference: 'http://x/Patient/a' } },
      [{ target: 'http://x/Patient/a' }],
    ],
    [
      'only patients',
      'patient',
      { resourceType: 'Observation', subject: { reference: 'Group/a' } },
      [],
    ],
    [
      'a contained one',
      'subject',
      { resourceType: 'Observation', subject: { reference: '#a' } },
      [],
    ],
    [
      'an identifier in a reference',
      'subject:identifier',
      { resourceType: 'Observation', subject: { identifier: { system: 's', value: 'v' } } },
      [{ system: 's', code: 'v' }],
    ],
    [
      'a canonical',
      'instantiates-canonical',
      { resourceType: 'CarePlan', instantiatesCanonical: ['http://x|2'] },
      [{ target: 'http://x' }, { target: 'http://x|2' }],
    ],
    ['a uri', 'url', { resourceType: 'ValueSet', url: 'http://x' }, [{ value: 'http://x' }]],
    [
      'a number',
      'probability',
      { resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal: 0.5 }] },
      [{ low: 0.5, high: 0.5 }],
    ],
    [
      'a quantity',
      'value-quantity',
      { resourceType: 'Observation', valueQuantity: { value: 5, unit: 'mg' } },
      [{ low: 5, high: 5, system: null, code: null }],
    ],
    [
      'the unit as people write it',
      'value-quantity:unit',
      { resourceType: 'Observation', valueQuantity: { value: 5, unit: 'mg' } },
      [{ low: 5, high: 5, system: null, code: 'mg' }],
    ],
    [
      'a quantity in base units',
      'value-quantity:ucum',
      {
        resourceType: 'Observation',
        valueQuantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'mg' },
      },
      [{ low: 0.005, high: 0.005, system: null, code: '0,0,1,0,0,0,0,0' }],
    ],
    [
      'a unit that UCUM has not',
      'value-quantity:ucum',
      {
        resourceType: 'Observation',
        valueQuantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'mmHg' },
      },
      [],
    ],
    [
      'what cannot be searched for',
      'code:present',
      { resourceType: 'Observation', code: { text: 'words' } },
      [{ system: null, code: 'true' }],
    ],
    [
      'what can be',
      'code:present',
      { resourceType: 'Observation', code: { coding: [{ code: 'a' }] } },
      [],
    ],
    [
      'less than',
      'value-quantity',
      { resourceType: 'Observation', valueQuantity: { value: 5, comparator: '<' } },
      [{ low: -Number.MAX_VALUE, high: 5, system: null, code: null }],
    ],
    [
      'money',
      'totalgross',
      { resourceType: 'Invoice', totalGross: { value: 48, currency: 'EUR' } },
      [{ low: 48, high: 48, system: 'urn:iso:std:iso:4217', code: 'EUR' }],
    ],
    [
      'the type of a choice',
      'value-string',
      { resourceType: 'Observation', valueString: 'A' },
      [{ value: 'A', folded: 'a' }],
    ],
    [
      'another type of it',
      'value-string',
      { resourceType: 'Observation', valueCodeableConcept: { text: 'B' } },
      [{ value: 'B', folded: 'b' }],
    ],
    [
      'tags',
      '_tag',
      { resourceType: 'Basic', meta: { tag: [{ system: 's', code: 't' }] } },
      [{ system: 's', code: 't' }],
    ],
    [
      'labels',
      '_security',
      { resourceType: 'Patient', meta: { security: [{ system: 's', code: 'R' }] } },
      [{ system: 's', code: 'R' }],
    ],
    [
      'profiles',
      '_profile',
      { resourceType: 'Patient', meta: { profile: ['http://x'] } },
      [{ value: 'http://x' }],
    ],
    [
      'the source',
      '_source',
      { resourceType: 'Patient', meta: { source: 'http://x' } },
      [{ value: 'http://x' }],
    ],
    [
      'nulls',
      'given',
      { resourceType: 'Patient', name: [{ given: [null, 'a'] }] },
      [{ value: 'a', folded: 'a' }],
    ],
  ];
  for (const [what, param, resource, entries] of table) {
    it(`of ${what}`, () => assert.deepEqual(entriesOf(param, resource), entries));
  }

  it('of many values stay distinct', () => {
    const coding = Array.from({ length: 20_000 }, (_, index) => ({ code: String(index % 10_000) }));
    assert.equal(
      entriesOf('code', { resourceType: 'Observation', code: { coding } }).length,
      10_000,
    );
  });

  it('are found by the search for what they were made of', () => {
    const resource = example('Observation-f001');
    const codes = entriesOf('code', resource);
    assert.deepEqual(codes, [{ system: 'http://loinc.org', code: '15074-8' }]);
  });

  it('are made of any JSON without an error', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Observation', 'Patient', 'Consent', 'MedicationRequest', 'x', '__proto__'),
        fc.dictionary(
          fc.constantFrom(
            'code',
            'subject',
            'name',
            'telecom',
            'effectivePeriod',
            'effectiveTiming',
            'valueQuantity',
            'valueRange',
            'meta',
            'identifier',
            'patient',
          ),
          fc.jsonValue(),
        ),
        (resourceType, members) => {
          assert.ok(Array.isArray(r4.indexEntries({ ...members, resourceType })));
          assert.ok(Array.isArray(r4.patientsOf({ ...members, resourceType })));
        },
      ),
    );
  });
});

describe('folding', () => {
  it('is idempotent and blind to case, accents and form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) =>
        assert.equal(foldString(foldString(text)), foldString(text)),
      ),
    );
    for (const [a, b] of [
      ['Müller', 'MULLER'],
      ['e\u0301', 'É'],
      ['Straße', 'STRASSE'],
      ['ΣΑΣ', 'σας'],
      ['ﬁ', 'FI'],
      ['İ', 'i'],
      ['GROẞ', 'gross'],
    ] as const) {
      assert.equal(foldString(a), foldString(b));
    }
    assert.notEqual(foldString('a'), foldString('b'));
  });
});
