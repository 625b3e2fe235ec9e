import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { FhirError } from '../../src/fhir/errors.ts';
import { BASE, r4 } from '../support/r4.ts';

const facts = {
  date: '2026-01-01',
  ledger: 'embedded',
  organisation: 'here',
  smart: { issuer: 'http://issuer' },
  interactions: ['search-type'],
  conditional: new Set<string>(),
  enforced: false,
  deletesSeveral: false,
  systemInteractions: [],
  operations: [],
} as const;

/** R4's modifiers but for the types of references: http://hl7.org/fhir/R4/valueset-search-modifier-code.html */
const MODIFIERS = [
  ...['missing', 'exact', 'contains', 'not', 'text', 'in', 'not-in', 'below', 'above'],
  ...['identifier', 'of-type'],
];

const gender = 'http://hl7.org/fhir/administrative-gender';
const VALUES: Readonly<Record<string, string>> = {
  missing: 'true',
  in: 'http://hl7.org/fhir/ValueSet/administrative-gender',
  'not-in': 'http://hl7.org/fhir/ValueSet/administrative-gender',
  above: `${gender}|male`,
  below: `${gender}|male`,
  'of-type': 'http://s|c|v',
};

/** Whether a criterion is understood, whatever is said of its value. */
function understood(type: string, name: string, value: string): boolean {
  try {
    r4.parseSearch(type, [[name, value]], { handling: 'strict', base: BASE });
    return true;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return error.code !== 'not-supported';
  }
}

describe('the search parameters of the capability statement', () => {
  const [rest] = r4.capability(facts).rest ?? [];
  const resources = rest?.resource ?? [];

  it('are all that R4 has', () => {
    for (const { type, searchParam = [] } of resources) {
      const listed = new Set(searchParam.map(({ name }) => name));
      const missing = [type, 'DomainResource', 'Resource']
        .flatMap((base) => r4.registry.definitions.searchParameters.get(base) ?? [])
        .filter(({ code }) => !listed.has(code) && !code.startsWith('_'));
      assert.deepEqual(missing, [], type);
    }
    assert.equal(resources.length, 146);
  });

  it('work with the modifiers that are listed, and with no others', () => {
    let listed = 0;
    for (const { type, searchParam = [] } of resources) {
      for (const { name, type: kind, documentation = '' } of searchParam) {
        const offered = new Set(documentation.match(/(?<=:)[a-z-]+/g) ?? []);
        listed += offered.size;
        for (const modifier of MODIFIERS) {
          const works = understood(type, `${name}:${modifier}`, VALUES[modifier] ?? 'x');
          assert.equal(works, offered.has(modifier), `${type}?${name}:${modifier} (${kind})`);
        }
        assert.ok(understood(type, name, 'x'), `${type}?${name}`);
      }
    }
    assert.ok(listed > 5_000);
  });
});
