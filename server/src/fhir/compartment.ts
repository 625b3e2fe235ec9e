import { walkPath } from '../search/indexing/element-path.ts';
import type { Registry } from '../search/registry.ts';
import { parseReference } from './reference.ts';

/** Types that R4 leaves out of the patient compartment say by these parameters whom they are about, if they do. */
const ABOUT = ['patient', 'subject'];

/**
 * Ids of the patients in whose compartment a resource lies, by R4's definition of the patient compartment, sorted; for a
 * type without a place in it (Task, Device, Contract, GuidanceResponse) those that it is about: docs/decisions/0030.
 * Only literal references count: relative ones, and absolute ones below our base URL. A Patient lies in its own.
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
  if (typeof type !== 'string') return [];
  const patients = new Set<string>();
  if (type === 'Patient' && typeof id === 'string') patients.add(id);
  // What is added at run time does not change whom a resource concerns.
  const parameters = registry.builtIn(type);
  const codes = registry.definitions.compartments.get('Patient')?.get(type) ?? [];
  for (const code of codes.length > 0 ? codes : ABOUT) {
    for (const path of parameters.get(code)?.paths ?? []) {
      walkPath(path, resource, (value) => {
        const patient = patientIn(value, baseUrl);
        if (patient !== undefined) patients.add(patient);
      });
    }
  }
  return [...patients].sort();
}

function patientIn(value: unknown, baseUrl: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { reference } = value as { readonly reference?: unknown };
  if (typeof reference !== 'string') return undefined;
  const parsed = parseReference(reference, baseUrl);
  return parsed?.kind === 'local' && parsed.type === 'Patient' ? parsed.id : undefined;
}
