import type { ElementDefinition } from 'fhir/r4.js';
import type { ValueRule } from './profile-model.ts';

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** `fixed[x]` or `pattern[x]`. */
export function valueOf(definition: ElementDefinition): ValueRule | undefined {
  for (const [name, value] of Object.entries(definition)) {
    if (/^fixed[A-Z]/.test(name)) return { kind: 'fixed', value: value as unknown };
    if (/^pattern[A-Z]/.test(name)) return { kind: 'pattern', value: value as unknown };
  }
  return undefined;
}

/** Names of R4 types; values of primitives and ids are published as FHIRPath system types. */
export function typeNames(definition: ElementDefinition): string[] {
  return (definition.type ?? []).map(({ code, extension }) =>
    code.startsWith('http://hl7.org/fhirpath/')
      ? (extension?.find(({ url }) => url === FHIR_TYPE)?.valueUrl ?? 'string')
      : code,
  );
}
