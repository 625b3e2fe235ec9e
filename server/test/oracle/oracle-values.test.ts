import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { quantityHolds } from './quantities.ts';
import { enumeratedSets } from './value-sets.ts';

describe('the oracle', () => {
  const system = 'http://unitsofmeasure.org';
  const holds = (found: number, unit: string, wanted: string, code: string) =>
    quantityHolds(
      {
        type: 'Quantity',
        definition: '',
        base: '',
        value: { value: found, system, code: unit },
      },
      { kind: 'quantity', prefix: 'sa', text: wanted, system, code },
    );

  it('compares quantities whose scales begin at different points', () => {
    assert.equal(holds(37.8, 'Cel', '16.2', '[degF]'), true);
    assert.equal(holds(37.8, 'Cel', '101', '[degF]'), false);
    assert.equal(holds(310, 'K', '36', 'Cel'), true);
    assert.equal(holds(310, 'K', '37', 'Cel'), false);
    assert.equal(holds(1500, 'mg', '1', 'g'), true);
    assert.equal(holds(900, 'mg', '1', 'g'), false);
    assert.equal(holds(20, 'Cel', '1', 'kg'), false);
  });

  it('does not take a value set for known that names a version of its code system that R4 has not', () => {
    const known = enumeratedSets();
    assert.ok(known.includes('http://hl7.org/fhir/ValueSet/task-status'));
    assert.ok(!known.includes('http://hl7.org/fhir/ValueSet/task-code'));
  });
});
