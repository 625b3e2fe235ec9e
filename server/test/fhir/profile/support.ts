import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import type { Issue } from '../../../src/fhir/errors.ts';
import { officialStructures } from '../../../src/fhir/packages/official-structures.ts';
import { packagesOf } from '../../../src/fhir/packages/packages.ts';
import type { Conformance } from '../../../src/fhir/packages/package.ts';
import { createProfiles } from '../../../src/fhir/profile/profiles.ts';
import { officialSource } from '../../../src/fhir/terminology/official-source.ts';
import { createTerminology } from '../../../src/fhir/terminology/terminology.ts';
import { createTypeModels } from '../../../src/fhir/type-model.ts';
import { createValidator } from '../../../src/fhir/validate/validate.ts';
import { DEFINITIONS } from '../../support/r4.ts';

const definitions = loadDefinitions(DEFINITIONS);
const models = createTypeModels(definitions);
const terminology = createTerminology([officialSource(DEFINITIONS)]);
const official = officialStructures(DEFINITIONS);

export const URL = 'http://example.org/StructureDefinition/test';

/** Checks a resource against profiles that are written as differentials; the first is the one that is asked for. */
export function checked(
  resource: object,
  ...profiles: readonly StructureDefinition[]
): readonly Issue[] {
  const own = packagesOf([
    {
      name: 'test',
      entries: profiles.map((profile) => ({
        resourceType: 'StructureDefinition',
        url: profile.url,
        version: undefined,
        read: () => structuredClone(profile) as unknown as Conformance,
      })),
    },
  ]);
  const validator = createValidator(
    definitions,
    createProfiles(definitions, models, {
      sources: [own, packagesOf([official])],
      terminology,
    }),
  );
  const found = validator.review(resource, profiles[0] === undefined ? [] : [profiles[0].url]);
  // Narrative is no matter of these tests.
  return found.filter(({ diagnostics }) => !diagnostics.includes('(dom-6)'));
}

/** Texts of the errors. */
export function errors(issues: readonly Issue[]): readonly string[] {
  return issues.filter(({ severity }) => severity === 'error').map((issue) => issue.diagnostics);
}

export function profileOn(
  type: string,
  element: readonly ElementDefinition[],
  more: Partial<StructureDefinition> = {},
): StructureDefinition {
  return {
    resourceType: 'StructureDefinition',
    url: URL,
    name: 'Test',
    status: 'draft',
    kind: 'resource',
    abstract: false,
    type,
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    derivation: 'constraint',
    differential: { element: [...element] },
    ...more,
  };
}
