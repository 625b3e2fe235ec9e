import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { printed } from '../src/convert.ts';
import { createFhirPath } from '../src/engine.ts';
import { FhirPathFault } from '../src/fault.ts';
import { toSystem } from '../src/item.ts';
import { FEW_TYPES } from './support/few-types.ts';

const engine = createFhirPath(FEW_TYPES);
const PATIENT = {
  resourceType: 'Patient',
  id: 'a',
  active: true,
  birthDate: '1974-12-25',
  _birthDate: { extension: [{ url: 'http://x', valueDateTime: '1974-12-25T14:35:45-05:00' }] },
  name: [{ family: 'Chalmers', given: ['Peter', 'James'] }, { given: ['Jim'] }],
  contained: [{ resourceType: 'Organization', id: 'o', name: 'Acme' }],
  managingOrganization: { reference: '#o' },
  multipleBirthInteger: 2,
};

function evaluate(expression: string, strict = false): readonly string[] {
  const element = { type: 'Patient', value: PATIENT };
  return engine.evaluate(expression, element, { strict, now: () => 0 }).map((item) => {
    const value = toSystem(item);
    return value === undefined ? JSON.stringify(item.value) : printed(value);
  });
}

const CASES: readonly (readonly [expression: string, ...values: string[]])[] = [
  ['Patient.name.given', 'Peter', 'James', 'Jim'],
  ['name.where(family.exists()).given.first()', 'Peter'],
  ["name.select(given.join(' ') & '!')", 'Peter James!', 'Jim!'],
  ["birthDate.extension('http://x').value", '1974-12-25T14:35:45-05:00'],
  ['multipleBirth is integer', 'true'],
  ['multipleBirth.as(boolean)'],
  ['managingOrganization.resolve().name', 'Acme'],
  ["contained.ofType(Organization).id & '/' & %resource.id", 'o/a'],
  ['descendants().where($this is Organization).name', 'Acme'],
  ['1.10 + 2', '3.10'],
  ['0.1 + 0.2 = 0.3', 'true'],
  ['7 div 2 | 7 mod 2', '3', '1'],
  ["1 'kg' = 1000 'g'", 'true'],
  ['@2014 = @2014-01'],
  ['@2014-02-28 + 1 month', '2014-03-28'],
  ['@T10:30 < @T10:31', 'true'],
  ["iif(active, 'yes', 'no')", 'yes'],
  ['(1 | 2 | 3).aggregate($this + $total, 0)', '6'],
  ["'abc'.matches('b')", 'true'],
  ['active.not() or {}'],
  ['now()', '1970-01-01T00:00:00.000Z'],
];

describe('FHIRPath', () => {
  for (const [expression, ...values] of CASES) {
    it(expression, () => assert.deepEqual(evaluate(expression), values));
  }

  it('passes over names that R4 does not have, unless it is strict', () => {
    assert.deepEqual(evaluate('name.given1'), []);
    assert.throws(() => evaluate('name.given1', true), FhirPathFault);
  });

  it('learns from outside what type of resource a reference names that leads elsewhere', () => {
    const value = { ...PATIENT, managingOrganization: { reference: 'http://x/Organization/1' } };
    const asked = 'managingOrganization.resolve() is Organization';
    const answer = (told: ReturnType<typeof createFhirPath>): readonly unknown[] =>
      told.evaluate(asked, { type: 'Patient', value }).map(({ system }) => system);
    const typeOfReference = (text: string): string | undefined => text.split('/').at(-2);
    assert.deepEqual(answer(createFhirPath(FEW_TYPES, { typeOfReference })), [true]);
    assert.deepEqual(answer(engine), []);
  });

  it('refuses what is no FHIRPath', () => {
    const bad = ['2 +', 'name.(', "'a", 'name.nothing()', '(1|2).not()', '%unknown', '1 < true'];
    for (const expression of [...bad, `${'('.repeat(1000)}1${')'.repeat(1000)}`]) {
      assert.throws(() => evaluate(expression), FhirPathFault, expression.slice(0, 20));
    }
  });

  it('stops what takes too much', () => {
    const many = Array.from({ length: 300 }, (_none, index) => ({ text: String(index) }));
    const element = { type: 'Patient', value: { resourceType: 'Patient', name: many } };
    const nested =
      'name.where(%resource.name.where(%resource.name.where(text = 0).exists()).exists())';
    assert.throws(() => engine.evaluate(nested, element), FhirPathFault);
  });
});
