import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { resourceTypes } from '../../src/fhir/resource-types.ts';
import { DEFINITIONS, r4 } from '../support/r4.ts';

const definitions = loadDefinitions(DEFINITIONS);

describe('distilled definitions', () => {
  it('know the 146 concrete resource types of R4 and no others', () => {
    const types = resourceTypes(definitions);
    assert.equal(types.size, 146);
    for (const type of ['Patient', 'Consent', 'Binary', 'Parameters', 'VisionPrescription'])
      assert.ok(types.has(type));
    for (const type of [
      'Resource',
      'DomainResource',
      'SubscriptionStatus',
      'HumanName',
      'constructor',
      '__proto__',
      '',
    ]) {
      assert.ok(!r4.isResourceType(type), type);
    }
  });

  it('compile every search expression', () => {
    let compiled = 0;
    const left = new Set<string>();
    for (const type of resourceTypes(definitions)) {
      compiled += r4.registry.parameters(type).size;
      for (const code of r4.registry.unsupported(type)) {
        const kind = definitions.searchParameters
          .get(type)
          ?.find((parameter) => parameter.code === code)?.type;
        if (kind !== 'composite' && kind !== 'special' && kind !== undefined)
          left.add(`${type}.${code}`);
      }
    }
    assert.ok(compiled > 2100, `${compiled} parameters`);
    assert.deepEqual([...left], []);
  });

  it('back every parameter that defines a compartment', () => {
    const names = ['Device', 'Encounter', 'Patient', 'Practitioner', 'RelatedPerson'];
    assert.deepEqual([...definitions.compartments.keys()].sort(), names);
    assert.ok((definitions.compartments.get('Patient')?.size ?? 0) > 60);
    for (const [of, members] of definitions.compartments) {
      for (const [type, codes] of members) {
        for (const code of codes) {
          if (code === '_id') assert.equal(type, of);
          else assert.ok(r4.registry.parameters(type).has(code), `${type}.${code}`);
        }
      }
    }
  });

  it('hold a bound value set for every binding they name', () => {
    let bindings = 0;
    for (const [name, type] of definitions.types) {
      for (const { binding, name: element } of type.elements) {
        if (binding === undefined) continue;
        bindings++;
        assert.ok((definitions.valueSets.get(binding)?.size ?? 0) > 0, `${name}.${element}`);
      }
    }
    assert.ok(bindings > 300);
  });
});
