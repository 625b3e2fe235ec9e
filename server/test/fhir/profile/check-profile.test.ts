import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { example } from '../../support/r4.ts';
import { checked, errors, profileOn, URL } from './support.ts';

const LOINC = 'http://loinc.org';

function observation(more: object = {}): object {
  return { resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more };
}

const coded = (code: string) => ({ coding: [{ system: LOINC, code }] });

describe('a profile', () => {
  it('of R4 itself holds for its example and for nothing less', () => {
    const bp = 'http://hl7.org/fhir/StructureDefinition/bp';
    const given = example('Observation-blood-pressure') as { component: unknown[] };
    const good = { ...given, meta: { profile: [bp] } };
    assert.deepEqual(errors(checked(good)), []);
    const [first] = good.component;
    const found = errors(checked({ ...good, component: [first] }));
    assert.ok(
      found.some((text) => text.includes('Observation.component: At least 2')),
      found.join('\n'),
    );
    assert.ok(found.some((text) => text.includes('the slice DiastolicBP')));
  });

  it('wants elements, forbids elements, and fixes values', () => {
    const profile = profileOn('Observation', [
      { id: 'Observation', path: 'Observation' },
      { id: 'Observation.subject', path: 'Observation.subject', min: 1 },
      { id: 'Observation.method', path: 'Observation.method', max: '0' },
      { id: 'Observation.status', path: 'Observation.status', fixedCode: 'final' },
      { id: 'Observation.code', path: 'Observation.code', patternCodeableConcept: coded('1-8') },
    ]);
    const good = observation({ code: coded('1-8'), subject: { reference: 'Patient/a' } });
    assert.deepEqual(errors(checked(good, profile)), []);
    const bad = observation({ status: 'amended', method: { text: 'm' }, code: coded('2-8') });
    assert.deepEqual(
      errors(checked(bad, profile))
        .map((text) => text.split(':')[0])
        .sort(),
      ['Observation.code', 'Observation.method', 'Observation.status', 'Observation.subject'],
    );
  });

  it('narrows choices and targets', () => {
    const profile = profileOn('Observation', [
      { id: 'Observation.value[x]', path: 'Observation.value[x]', type: [{ code: 'Quantity' }] },
      {
        id: 'Observation.subject',
        path: 'Observation.subject',
        type: [
          { code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] },
        ],
      },
    ]);
    assert.deepEqual(
      errors(
        checked(
          observation({ valueQuantity: { value: 1 }, subject: { reference: 'Patient/a' } }),
          profile,
        ),
      ),
      [],
    );
    assert.equal(errors(checked(observation({ valueString: 'a' }), profile)).length, 1);
    assert.equal(
      errors(checked(observation({ subject: { reference: 'Group/a' } }), profile)).length,
      1,
    );
  });

  it('states invariants and bindings', () => {
    const profile = profileOn('Patient', [
      {
        id: 'Patient',
        path: 'Patient',
        constraint: [
          {
            key: 't-1',
            severity: 'error',
            human: 'a name or an identifier',
            expression: 'name.exists() or identifier.exists()',
          },
          { key: 't-2', severity: 'warning', human: 'active', expression: 'active = true' },
        ],
      },
      {
        id: 'Patient.maritalStatus',
        path: 'Patient.maritalStatus',
        binding: {
          strength: 'required',
          valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender',
        },
      },
      {
        id: 'Patient.communication.language',
        path: 'Patient.communication.language',
        binding: {
          strength: 'extensible',
          valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender',
        },
      },
    ]);
    const gender = (code: string) => ({
      coding: [{ system: 'http://hl7.org/fhir/administrative-gender', code }],
    });
    const good = {
      resourceType: 'Patient',
      active: true,
      name: [{ family: 'A' }],
      maritalStatus: gender('male'),
    };
    const nameless: Partial<typeof good> = { ...good };
    delete nameless.name;
    assert.deepEqual(checked(good, profile), []);
    assert.match(errors(checked(nameless, profile))[0] ?? '', /t-1/);
    assert.match(
      errors(
        checked({ ...good, maritalStatus: { coding: [{ system: LOINC, code: 'x' }] } }, profile),
      )[0] ?? '',
      /required value set/,
    );
    const lenient = checked(
      {
        ...good,
        active: false,
        communication: [{ language: { coding: [{ system: LOINC, code: 'x' }] } }],
      },
      profile,
    );
    assert.deepEqual(errors(lenient), []);
    assert.equal(lenient.filter(({ severity }) => severity === 'warning').length, 2);
  });

  it('builds on another profile, whose slices it may refine', () => {
    const base = profileOn(
      'Patient',
      [
        {
          id: 'Patient.identifier',
          path: 'Patient.identifier',
          slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' },
        },
        { id: 'Patient.identifier:mrn', path: 'Patient.identifier', sliceName: 'mrn' },
        {
          id: 'Patient.identifier:mrn.system',
          path: 'Patient.identifier.system',
          min: 1,
          fixedUri: 'urn:oid:1.2',
        },
      ],
      { url: `${URL}-base` },
    );
    const profile = profileOn(
      'Patient',
      [
        { id: 'Patient.identifier:mrn', path: 'Patient.identifier', sliceName: 'mrn', min: 1 },
        { id: 'Patient.identifier:mrn.value', path: 'Patient.identifier.value', min: 1 },
      ],
      { baseDefinition: base.url },
    );
    const patient = (...identifier: object[]) => ({ resourceType: 'Patient', identifier });
    const mrn = { system: 'urn:oid:1.2', value: '1' };
    const other = { system: 'urn:oid:1.3' };
    assert.deepEqual(errors(checked(patient(other, mrn), profile, base)), []);
    assert.match(
      errors(checked(patient(other), profile, base))[0] ?? '',
      /At least 1 of the slice mrn/,
    );
    assert.match(
      errors(checked(patient({ system: 'urn:oid:1.2' }), profile, base))[0] ?? '',
      /identifier\[0\]\.value/,
    );
  });

  it('that is not known is an error when it is asked for, and a warning when a resource claims it', () => {
    const claim = {
      resourceType: 'Patient',
      meta: { profile: [`${URL}-unknown`] },
    };
    const [warning, ...others] = checked(claim);
    assert.deepEqual([warning?.severity, warning?.code, others], ['warning', 'not-found', []]);
    const broken = profileOn('Patient', [], { baseDefinition: `${URL}-unknown` });
    const [fault] = checked({ resourceType: 'Patient' }, broken);
    assert.equal(fault?.severity, 'error');
    assert.match(fault.diagnostics, /is based on/);
  });

  it('on another type is refused', () => {
    const profile = profileOn('Observation', []);
    assert.match(
      errors(checked({ resourceType: 'Patient' }, profile))[0] ?? '',
      /profile on Observation/,
    );
  });
});
