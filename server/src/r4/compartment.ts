import { walkPath } from '../search/indexing/element-path.ts';
import type { Registry } from '../search/registry.ts';
import { parseReference } from '../fhir/reference.ts';

/** Types that R4 leaves out of the patient compartment say by these parameters whom they are about, if they do. */
export const ABOUT: readonly string[] = ['patient', 'subject'];

/**
 * Ids of the patients in whose compartment a resource lies, by R4's definition of the patient compartment, sorted; for a
 * type without a place in it (Task, Device, Contract, GuidanceResponse) those that it is about: docs/decisions/0030.
 * Only literal references count: relative ones, and absolute ones below our base URL. A Patient lies in its own.
 *
 * @rule compartment
 */
export function patientsOf(
  resource: object,
  registry: Registry,
  { baseUrl }: { readonly baseUrl: string },
): string[] {
  const { resourceType: type, id } = resource as {
    readonly resourceType?: unknown;
    readonly id?: unknown;
  };
  const patients = new Set<string>();
  if (type === 'Patient' && typeof id === 'string') patients.add(id);
  for (const value of compartmentValues(resource, registry)) {
    const patient = patientIn(value, baseUrl);
    if (patient !== undefined) patients.add(patient);
  }
  return [...patients].sort();
}

/** The elements of a resource that decide in whose compartment it lies. */
export function compartmentValues(resource: object, registry: Registry): readonly object[] {
  const { resourceType: type } = resource as { readonly resourceType?: unknown };
  if (typeof type !== 'string') return [];
  const found = new Set<object>();
  // Parameters that are added at run time do not change whom a resource concerns.
  const parameters = registry.builtIn(type);
  const codes = registry.definitions.compartments.get('Patient')?.get(type) ?? [];
  for (const code of codes.length > 0 ? codes : ABOUT) {
    for (const path of parameters.get(code)?.paths ?? []) {
      walkPath(path, resource, (value) => {
        if (typeof value === 'object' && value !== null) found.add(value);
      });
    }
  }
  return [...found];
}

function patientIn(value: object, baseUrl: string): string | undefined {
  const { reference } = value as { readonly reference?: unknown };
  if (typeof reference !== 'string') return undefined;
  const parsed = parseReference(reference, baseUrl);
  return parsed?.kind === 'local' && parsed.type === 'Patient' ? parsed.id : undefined;
}
