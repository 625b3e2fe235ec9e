import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from '@jest/globals';
import type { Bundle, ValueSet, ValueSetExpansionContains } from 'fhir/r4.js';
import { FhirError } from '../../../src/fhir/errors.ts';
import { officialSource } from '../../../src/fhir/terminology/official-source.ts';
import { createTerminology } from '../../../src/fhir/terminology/terminology.ts';

const definitions = join(import.meta.dirname, '..', '..', '..', 'definitions');
const terminology = createTerminology([officialSource(definitions)]);
const examples = dirname(
  createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'),
);

describe("R4's own value sets", () => {
  it("expand to what R4's publication says, but for what is explained", () => {
    const bundle = JSON.parse(
      readFileSync(join(examples, 'Bundle-valueset-expansions.json'), 'utf8'),
    ) as Bundle<ValueSet>;
    const judged = { same: 0, more: [] as string[], fewer: [] as string[], refused: 0 };
    for (const { resource } of bundle.entry ?? []) {
      if (resource?.url === undefined || resource.expansion?.contains === undefined) continue;
      const expected = new Set(keys(resource.expansion.contains));
      const found = expand(resource.url);
      if (found === undefined) judged.refused += 1;
      else if (!expected.isSubsetOf(found.all)) judged.fewer.push(resource.url);
      else if (!found.concrete.isSubsetOf(expected)) judged.more.push(resource.url);
      else judged.same += 1;
    }
    // The runtime's list of currencies has no funds and no historic codes.
    assert.deepEqual(judged.fewer, ['http://hl7.org/fhir/ValueSet/currencies']);
    assert.deepEqual(judged.more.sort(), EXPLAINED);
    assert.ok(judged.same >= 475, `${judged.same} agree`);
    // SNOMED CT, LOINC, UCUM, media types and others are not part of R4.
    assert.ok(judged.refused <= 57, `${judged.refused} cannot be listed`);
  });

  it('may be all of a code system, which says so itself', () => {
    const set = 'http://hl7.org/fhir/ValueSet/restful-interaction';
    const system = 'http://hl7.org/fhir/restful-interaction';
    assert.equal(terminology.contains(set, { system, code: 'vread' }).kind, 'in');
    assert.equal(terminology.contains(set, { system, code: 'reread' }).kind, 'out');
  });

  it('have the codes that they list, and no others', () => {
    const { valueSets } = JSON.parse(
      readFileSync(join(definitions, 'terminology-index.json'), 'utf8'),
    ) as { readonly valueSets: Readonly<Record<string, unknown>> };
    const urls = Object.keys(valueSets).filter((url) => expand(url) !== undefined);
    const wrong = urls.flatMap((url) => {
      const listed = terminology.codes(url);
      return [...listed].flatMap(([system, codes]) => {
        const others = terminology.codeSystem(system)?.all() ?? [];
        return [...codes, ...others.map(({ code }) => code)].filter(
          (code) => (terminology.contains(url, { system, code }).kind === 'in') !== codes.has(code),
        );
      });
    });
    assert.deepEqual(wrong, []);
    assert.ok(urls.length >= 1_200, `${urls.length} can be listed`);
  });
});

const EXPLAINED: readonly string[] = [
  // Published as far as the first 1,000 codes.
  'http://hl7.org/fhir/ValueSet/c80-doc-typecodes',
  // Concepts with several parents: the publication follows only the one that they are written under.
  'http://hl7.org/fhir/ValueSet/detectedissue-category',
  'http://terminology.hl7.org/ValueSet/v3-ActPharmacySupplyType',
];

function expand(
  url: string,
): { readonly all: Set<string>; readonly concrete: Set<string> } | undefined {
  try {
    const { entries } = terminology.expand(url);
    const key = ({ system, code }: { system: string; code: string }): string => `${system}|${code}`;
    return {
      all: new Set(entries.map(key)),
      // The publication leaves out what only groups others, and what is deprecated, in some lists and not in others.
      concrete: new Set(
        entries

          .filter(
            ({ abstract, inactive, property = [] }) =>
              abstract !== true &&
              inactive !== true &&
              !property.some(({ valueCode }) => valueCode === 'deprecated'),
          )
          .map(key),
      ),
    };
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

function keys(contains: readonly ValueSetExpansionContains[]): string[] {
  return contains.flatMap(({ system, code, contains: below = [] }) => [
    ...(code === undefined ? [] : [`${system ?? ''}|${code}`]),
    ...keys(below),
  ]);
}
