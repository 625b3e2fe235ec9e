import { FhirError } from '../fhir/errors.ts';
import { parseReference } from '../fhir/reference.ts';
import type { Services } from './services.ts';

/** Resources that tell of other resources belong to whomever those belong to; the element that names these. */
const TELLS_OF: Readonly<Record<string, readonly string[]>> = {
  Provenance: ['target'],
  AuditEvent: ['entity', 'what'],
  Binary: ['securityContext'],
};

/**
 * Ids of the patients a resource concerns, sorted: those in whose compartments it lies, and those whom the resources
 * concern that it tells of, as these are now.
 *
 * @param made patients of what is written in the same step, by `Type/id`
 */
export async function ownersOf(
  { r4, store, base }: Pick<Services, 'r4' | 'store' | 'base'>,
  resource: object,
  made: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<readonly string[]> {
  const own = r4.patientsOf(resource);
  const { resourceType } = resource as { readonly resourceType: string };
  const path = TELLS_OF[resourceType];
  if (path === undefined) return own;
  const owners = new Set(own);
  const targets = new Set(referencesAt(resource, path, base));
  if (targets.size === 0 && 'securityContext' in resource) throw noContext();
  for (const target of targets) {
    const [type = '', id = ''] = target.split('/');
    const patients = made.get(target) ?? (await store.current(type, id))?.patients;
    if (patients === undefined && resourceType === 'Binary') throw noContext();
    for (const patient of patients ?? []) owners.add(patient);
  }
  return [...owners].sort();
}

/** Without the resource that stands for a Binary nobody could tell who may see it. */
function noContext(): FhirError {
  return new FhirError('unprocessable', 'The security context of a Binary must be stored here', {
    expression: 'Binary.securityContext',
  });
}

function referencesAt(resource: object, path: readonly string[], base: string): string[] {
  let found: unknown[] = [resource];
  for (const name of path) {
    found = found.flatMap((each) => (each as Readonly<Record<string, unknown>>)[name] ?? []);
  }
  return found.flatMap((each) => {
    const { reference } = each as { readonly reference?: unknown };
    const parsed = typeof reference === 'string' ? parseReference(reference, base) : undefined;
    return parsed?.kind === 'local' ? [`${parsed.type}/${parsed.id}`] : [];
  });
}
