import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { BASE, example, exampleNames, r4 } from '../support/r4.ts';

/** Published with R4 and yet against its own definitions, with the rule that each breaks. */
const REFUSED = new Map([
  ['ActivityDefinition-blood-tubes-supply', /txt-2/],
  ['ActivityDefinition-heart-valve-replacement', /txt-2/],
  ['Bundle-v2-valuesets', /concept\[\d+\]\.code: The value is no code/],
  ['EventDefinition-example', /txt-2/],
  ['ImplementationGuide-fhir', /ImplementationGuide\.name: The element is required/],
  ['Questionnaire-zika-virus-exposure-assessment', /txt-2/],
  ['Questionnaire-qs1', /linkId: The element is required/],
]);

/** More than ten megabytes each; what they hold is also there one by one. */
const HUGE = new Set(['Bundle-resources', 'Bundle-dataelements', 'Bundle-valueset-expansions']);
const CONFORMANCE = /^(StructureDefinition|ValueSet|CodeSystem|SearchParameter)-/;

const names = exampleNames((name) => !CONFORMANCE.test(name) && !HUGE.has(name));

describe('the official R4 examples', () => {
  it('are refused only where they break R4', () => {
    assert.ok(names.length > 850, `only ${names.length} examples found`);
    const refused = names.flatMap((name) => {
      const issues = r4.validate(example(name));
      const rule = REFUSED.get(name);
      if (issues.length === 0 && !rule) return [];
      if (rule && issues.some(({ diagnostics }) => rule.test(diagnostics))) return [];
      return [`${name}: ${issues.map(({ diagnostics }) => diagnostics).join('; ')}`];
    });
    assert.deepEqual(refused, []);
  });

  it('give index entries and compartments without an error', () => {
    let entries = 0;
    for (const name of names.filter((name) => !name.startsWith('Bundle-'))) {
      const resource = example(name);
      for (const entry of r4.indexEntries(resource)) {
        entries++;
        for (const member of Object.values(entry))
          assert.notEqual(member, undefined, `${name}: ${JSON.stringify(entry)}`);
        if ('from' in entry) assert.ok(entry.from < entry.to, `${name}: ${JSON.stringify(entry)}`);
        if ('low' in entry) assert.ok(entry.low <= entry.high, `${name}: ${JSON.stringify(entry)}`);
      }
      for (const patient of r4.patientsOf(resource))
        assert.match(patient, /^[A-Za-z0-9\-.]{1,64}$/);
    }
    assert.ok(entries > 8000, `only ${entries} entries`);
  });

  it('are about the patients their references name', () => {
    assert.deepEqual(r4.patientsOf(example('Observation-f001')), ['f001']);
    assert.deepEqual(r4.patientsOf(example('Patient-example')), ['example']);
    assert.deepEqual(r4.patientsOf(example('Organization-f001')), []);
    assert.deepEqual(
      r4.patientsOf({ resourceType: 'Observation', subject: { reference: `${BASE}/Patient/a` } }),
      ['a'],
    );
  });
});
