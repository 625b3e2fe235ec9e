import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { fhirPathPatch, refusal, type Operation } from '../../support/r4-patch.ts';

const PATIENT =
  '{ "resourceType" : "Patient",\n  "name" : [ { "given" : ["A", "B"], "family":"X" } ],\n  "birthDate" : "1970-01-01",\n "extension":[{"url":"u","valueDecimal": 1.00}]\n}\n';

/** What the operations make of a piece of the patient; all around it stays. */
const EDITS: readonly (readonly [
  name: string,
  operations: readonly Operation[],
  from: string,
  to: string,
])[] = [
  [
    'replaces one primitive of a list, with its id',
    [
      {
        type: 'replace',
        path: "Patient.name.given.where($this='B')",
        value: '"valueString":"C","_valueString":{"id":"q"}',
      },
    ],
    '["A", "B"]',
    '["A", "C"], "_given" : [null,{"id":"q"}]',
  ],
  [
    'puts an extension on a primitive, its decimal as given',
    [
      {
        type: 'add',
        path: 'Patient.birthDate',
        name: 'extension',
        value: '"part":[{"name":"url","valueUri":"http://x"},{"name":"value","valueDecimal":2.50}]',
      },
    ],
    '"1970-01-01"',
    '"1970-01-01",\n "_birthDate" : {"extension":[{"url":"http://x","valueDecimal":2.50}]}',
  ],
  [
    'changes the type of a choice where it stands',
    [{ type: 'replace', path: "Patient.extension('u').value", value: '"valueString":"x"' }],
    '"valueDecimal": 1.00',
    '"valueString": "x"',
  ],
  [
    'finds a choice by its type',
    [
      {
        type: 'replace',
        path: "(Patient.extension.where(url='u').value as decimal)",
        value: '"valueDecimal":1.50',
      },
    ],
    '1.00',
    '1.50',
  ],
  [
    'inserts into and moves within a list',
    [
      { type: 'insert', path: 'Patient.name[0].given', index: 0, value: '"valueString":"Z"' },
      { type: 'move', path: 'Patient.name.given', source: 0, destination: 2 },
    ],
    '["A", "B"]',
    '["A", "B", "Z"]',
  ],
  [
    'removes what a deletion leaves empty',
    [
      { type: 'delete', path: 'Patient.name[0].given[0]' },
      { type: 'delete', path: 'Patient.name[0].given[0]' },
      { type: 'delete', path: 'Patient.name.family' },
    ],
    '\n  "name" : [ { "given" : ["A", "B"], "family":"X" } ],',
    '',
  ],
  [
    'makes a list that was not there',
    [
      {
        type: 'insert',
        path: 'Patient.identifier',
        index: 0,
        value: '"valueIdentifier":{"value":"1"}',
      },
    ],
    '1.00}]',
    '1.00}],\n "identifier":[{"value":"1"}]',
  ],
  ['deletes nothing without complaint', [{ type: 'delete', path: 'Patient.gender' }], '', ''],
];

describe('FHIRPath Patch', () => {
  for (const [name, operations, from, to] of EDITS) {
    it(`${name}, and leaves the rest as it was written`, () => {
      assert.equal(
        fhirPathPatch(PATIENT, ...operations),
        PATIENT.replace(from, () => to),
      );
    });
  }

  it('keeps the two arrays of a list of primitives side by side', () => {
    const before =
      '{"resourceType":"Patient","name":[{"given":["a",null,"c"],"_given":[null,{"id":"b"}]}]}';
    const given = 'Patient.name[0].given';
    const names = (text: string): unknown => (JSON.parse(text) as { name: unknown[] }).name[0];
    assert.deepEqual(names(fhirPathPatch(before, { type: 'delete', path: `${given}[0]` })), {
      given: [null, 'c'],
      _given: [{ id: 'b' }],
    });
    assert.deepEqual(
      names(fhirPathPatch(before, { type: 'move', path: given, source: 1, destination: 2 })),
      { given: ['a', 'c', null], _given: [null, null, { id: 'b' }] },
    );
    assert.deepEqual(names(fhirPathPatch(before, { type: 'delete', path: `${given}[1]` })), {
      given: ['a', 'c'],
    });
    assert.deepEqual(
      names(
        fhirPathPatch(before, {
          type: 'insert',
          path: given,
          index: 1,
          value: '"valueString":"x"',
        }),
      ),
      { given: ['a', 'x', null, 'c'], _given: [null, null, { id: 'b' }] },
    );
  });
});

const birthDate = '"valueDate":"1980-01-01"';
const REFUSED: readonly (readonly [name: string, operation: Operation, with_: RegExp])[] = [
  ['an unknown type', { type: 'upsert', path: 'Patient' }, /^structure Operation 0.*\[0\]/],
  ['no FHIRPath', { type: 'delete', path: 'Patient..name' }, /^structure/],
  [
    'a path out of the resource',
    { type: 'delete', path: 'Patient.link.other.resolve()' },
    /^structure/,
  ],
  [
    'a costly pattern',
    { type: 'delete', path: "Patient.name.where(family.matches('(a+)+'))" },
    /^structure/,
  ],
  [
    'criteria about other elements',
    { type: 'delete', path: 'Patient.name.where(%resource.active)' },
    /^structure/,
  ],
  ['a missing value', { type: 'replace', path: 'Patient.birthDate' }, /^structure.*value/],
  [
    'a part it has no use for',
    { type: 'delete', path: 'Patient.name', index: 1 },
    /^structure.*index/,
  ],
  ['an unknown element', { type: 'delete', path: 'Patient.nmae' }, /^unprocessable.*nmae/],
  ['more than one element', { type: 'delete', path: 'Patient.name.given' }, /^unprocessable.*more/],
  [
    'nothing to replace',
    { type: 'replace', path: 'Patient.gender', value: '"valueCode":"male"' },
    /^unproc/,
  ],
  [
    'what is there already',
    { type: 'add', path: 'Patient', name: 'birthDate', value: birthDate },
    /^unproc.*already/,
  ],
  [
    'a wrong type',
    { type: 'add', path: 'Patient', name: 'name', value: birthDate },
    /^unproc.*HumanName/,
  ],
  [
    'an index beyond',
    { type: 'insert', path: 'Patient.name', index: 2, value: '"valueHumanName":{"text":"x"}' },
    /^unproc.*index/,
  ],
  [
    'part of a list',
    { type: 'move', path: 'Patient.name.given.first()', source: 0, destination: 0 },
    /^unproc.*whole/,
  ],
  [
    'a move beyond',
    { type: 'move', path: 'Patient.name.given', source: 0, destination: 2 },
    /^unproc.*beyond/,
  ],
  ['the whole resource', { type: 'delete', path: 'Patient' }, /^unproc.*whole/],
  [
    'another id',
    { type: 'add', path: 'Patient', name: 'id', value: '"valueId":"x"' },
    /^unproc.*id/,
  ],
];

describe('FHIRPath Patch refuses', () => {
  for (const [name, operation, expected] of REFUSED) {
    it(name, () => {
      assert.match(refusal(() => fhirPathPatch(PATIENT, operation)) ?? 'accepted', expected);
    });
  }
});

it('a patch that would look at a great many elements is refused', () => {
  const identifier = Array.from({ length: 5000 }, (_, index) => ({ value: `${index}` }));
  const big = JSON.stringify({ resourceType: 'Patient', identifier });
  const one = { type: 'delete', path: "Patient.identifier.where(value = 'none')" };
  assert.equal(fhirPathPatch(big, one), big);
  const many = Array.from({ length: 1000 }, () => one);
  assert.match(refusal(() => fhirPathPatch(big, ...many)) ?? '', /^too-costly/);
});
