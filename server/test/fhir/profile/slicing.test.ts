import assert from 'node:assert/strict';
import type { ElementDefinition, ElementDefinitionSlicing } from 'fhir/r4.js';
import { describe, it } from '@jest/globals';
import { checked, errors, profileOn, URL } from './support.ts';

const LOINC = 'http://loinc.org';
const coding = (code: string) => ({ coding: [{ system: LOINC, code }] });

const PLAIN = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };

function component(code: string, value: object = {}): object {
  return { code: coding(code), ...value };
}

function observation(...components: object[]): object {
  return {
    ...PLAIN,
    component: components,
  };
}

function sliced(
  slicing: ElementDefinitionSlicing,
  ...elements: readonly ElementDefinition[]
): ReturnType<typeof profileOn> {
  return profileOn('Observation', [
    { id: 'Observation.component', path: 'Observation.component', slicing },
    ...elements,
  ]);
}

function slice(name: string, more: Partial<ElementDefinition> = {}): ElementDefinition {
  return {
    id: `Observation.component:${name}`,
    path: 'Observation.component',
    sliceName: name,
    ...more,
  };
}

function part(name: string, child: string, more: Partial<ElementDefinition>): ElementDefinition {
  return {
    id: `Observation.component:${name}.${child}`,
    path: `Observation.component.${child}`,
    ...more,
  };
}

const byCode = (
  rules: ElementDefinitionSlicing['rules'],
  ordered = false,
): ElementDefinitionSlicing => ({
  discriminator: [{ type: 'pattern', path: 'code' }],
  rules,
  ordered,
});
const A = [
  slice('a', { max: '1' }),
  part('a', 'code', { min: 1, patternCodeableConcept: coding('A') }),
];
const B = [
  slice('b', { min: 1 }),
  part('b', 'code', { min: 1, patternCodeableConcept: coding('B') }),
];

describe('slicing', () => {
  it('by pattern counts the items of each slice', () => {
    const profile = sliced(byCode('open'), ...A, ...B);
    assert.deepEqual(
      errors(checked(observation(component('B'), component('A'), component('X')), profile)),
      [],
    );
    assert.match(
      errors(checked(observation(component('A')), profile)).join(),
      /At least 1 of the slice b/,
    );
    const twice = observation(component('A'), component('A'), component('B'));
    assert.match(errors(checked(twice, profile)).join(), /At most 1 of the slice a/);
  });

  it('closed allows no other item, openAtEnd none in between, ordered no other order', () => {
    const closed = sliced(byCode('closed'), ...A, ...B);
    assert.deepEqual(errors(checked(observation(component('B')), closed)), []);
    assert.match(
      errors(checked(observation(component('B'), component('X')), closed)).join(),
      /no slice/,
    );
    const atEnd = sliced(byCode('openAtEnd'), ...A, ...B);
    assert.deepEqual(errors(checked(observation(component('B'), component('X')), atEnd)), []);
    assert.match(
      errors(checked(observation(component('X'), component('B')), atEnd)).join(),
      /at the end/,
    );
    const ordered = sliced(byCode('open', true), ...A, ...B);
    assert.deepEqual(errors(checked(observation(component('A'), component('B')), ordered)), []);
    assert.match(
      errors(checked(observation(component('B'), component('A')), ordered)).join(),
      /earlier/,
    );
  });

  it('by value finds what is fixed deeper down', () => {
    const profile = sliced(
      { discriminator: [{ type: 'value', path: 'code.coding.code' }], rules: 'open' },
      slice('a'),
      part('a', 'code.coding', { min: 1 }),
      part('a', 'code.coding.code', { min: 1, fixedCode: 'A' }),
      part('a', 'value[x]', { min: 1 }),
    );
    assert.deepEqual(errors(checked(observation(component('X')), profile)), []);
    assert.deepEqual(
      errors(checked(observation(component('A', { valueString: 's' })), profile)),
      [],
    );
    assert.match(
      errors(checked(observation(component('A')), profile)).join(),
      /component\[0\]\.value/,
    );
  });

  it('by existence', () => {
    const profile = sliced(
      { discriminator: [{ type: 'exists', path: 'value' }], rules: 'open' },
      slice('with', { max: '1' }),
      part('with', 'value[x]', { min: 1 }),
      slice('without', { max: '1' }),
      part('without', 'value[x]', { max: '0' }),
    );
    const full = component('A', { valueString: 's' });
    assert.deepEqual(errors(checked(observation(full, component('B')), profile)), []);
    assert.match(errors(checked(observation(full, full), profile)).join(), /slice with/);
    const bare = component('B');
    assert.match(errors(checked(observation(bare, bare), profile)).join(), /slice without/);
  });

  it('by type, also where a choice is named by one of its types', () => {
    const profile = profileOn('Observation', [
      { id: 'Observation.valueQuantity', path: 'Observation.valueQuantity' },
      { id: 'Observation.valueQuantity.code', path: 'Observation.valueQuantity.code', min: 1 },
    ]);
    const value = (more: object) => ({ ...PLAIN, ...more });
    assert.deepEqual(errors(checked(value({ valueString: 's' }), profile)), []);
    assert.deepEqual(
      errors(
        checked(
          value({ valueQuantity: { code: 'kg', system: 'http://unitsofmeasure.org' } }),
          profile,
        ),
      ),
      [],
    );
    assert.match(
      errors(checked(value({ valueQuantity: { value: 1 } }), profile)).join(),
      /valueQuantity\.code/,
    );
  });

  it('by the profile of what a reference leads to', () => {
    const named = profileOn('Patient', [{ id: 'Patient.name', path: 'Patient.name', min: 1 }], {
      url: `${URL}-named`,
    });
    const profile = profileOn('Observation', [
      {
        id: 'Observation.performer',
        path: 'Observation.performer',
        slicing: { discriminator: [{ type: 'profile', path: '$this.resolve()' }], rules: 'open' },
      },
      {
        id: 'Observation.performer:named',
        path: 'Observation.performer',
        sliceName: 'named',
        min: 1,
        type: [{ code: 'Reference', targetProfile: [named.url] }],
      },
    ]);
    const performed = (patient: object) => ({
      ...PLAIN,
      contained: [{ resourceType: 'Patient', id: 'p', ...patient }],
      performer: [{ reference: '#p' }],
    });
    assert.deepEqual(errors(checked(performed({ name: [{ text: 'A' }] }), profile, named)), []);
    assert.match(
      errors(checked(performed({ active: true }), profile, named)).join(),
      /slice named/,
    );
  });

  it('of a slice', () => {
    const profile = sliced(
      byCode('open'),
      slice('a', {
        slicing: { discriminator: [{ type: 'exists', path: 'dataAbsentReason' }], rules: 'open' },
      }),
      part('a', 'code', { min: 1, patternCodeableConcept: coding('A') }),
      slice('a/absent', { max: '1' }),
      part('a/absent', 'dataAbsentReason', { min: 1 }),
    );
    const absent = component('A', { dataAbsentReason: { text: 'none' } });
    assert.deepEqual(errors(checked(observation(absent, component('A')), profile)), []);
    assert.match(errors(checked(observation(absent, absent), profile)).join(), /a\/absent/);
  });
});

describe('extensions', () => {
  const url = `${URL}-colour`;
  const colour = profileOn(
    'Extension',
    [
      { id: 'Extension.url', path: 'Extension.url', fixedUri: url },
      { id: 'Extension.value[x]', path: 'Extension.value[x]', min: 1, type: [{ code: 'string' }] },
    ],
    { url, kind: 'complex-type', context: [{ type: 'element', expression: 'Patient.name' }] },
  );
  const named = (more: object) => ({ resourceType: 'Patient', name: [{ text: 'A', ...more }] });
  const profile = profileOn('Patient', [
    {
      id: 'Patient.name.extension:colour',
      path: 'Patient.name.extension',
      sliceName: 'colour',
      min: 1,
      type: [{ code: 'Extension', profile: [url] }],
    },
  ]);

  it('are checked by their definition wherever they stand', () => {
    assert.deepEqual(
      checked(named({ extension: [{ url, valueString: 's' }] }), profile, colour),
      [],
    );
    const wrong = errors(
      checked(named({ extension: [{ url, valueInteger: 1 }] }), profile, colour),
    );
    assert.match(wrong.join(), /integer is not allowed here/);
    assert.match(errors(checked(named({}), profile, colour)).join(), /slice colour/);
  });

  it('are refused where they may not stand', () => {
    const elsewhere = {
      ...named({ extension: [{ url, valueString: 's' }] }),
      extension: [{ url, valueString: 's' }],
    };
    const found = checked(elsewhere, profile, colour);
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ['error'],
    );
    assert.match(found[0]?.diagnostics ?? '', /may not stand in Patient/);
  });
});
