import { UNPLACED } from '../../consent/unplaced.ts';
import { carriedBy, toldReferences } from '../../fhir/deciding-references.ts';
import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import type { Services } from '../services.ts';

/**
 * Ids of the patients a resource concerns, sorted: those in whose compartments it lies, and those whom the resources
 * concern that it tells of, as these are now, or that it carries. `UNPLACED` among them: somebody who cannot be told, as
 * the patient of a Consent that is kept elsewhere.
 *
 * @param made patients of what is written in the same step, by `Type/id`
 */
export async function ownersOf(
  { r4, store, base }: Pick<Services, 'r4' | 'store' | 'base'>,
  resource: object,
  made: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<readonly string[]> {
  const whole = [resource, ...carriedBy(resource)];
  const owners = new Set(whole.flatMap((each) => r4.patientsOf(each)));
  const context = r4.securityContext(resource);
  for (const target of targetsOf(resource, base)) {
    const [type = '', id = ''] = target.split('/');
    if (context !== undefined && type === 'Binary') throw contextIsBinary();
    const stored = made.get(target) ?? (await store.current(type, id))?.patients;
    const absent = context !== undefined ? [UNPLACED] : type === 'Patient' ? [id] : [];
    for (const patient of stored ?? absent) owners.add(patient);
  }
  const isUntold = owners.size === 0 && whole.some(isConsent);
  if (isUntold || context === 'elsewhere') owners.add(UNPLACED);
  return [...owners].sort();
}

function isConsent(resource: object): boolean {
  return (resource as { readonly resourceType?: unknown }).resourceType === 'Consent';
}

/** What the resource tells of here, and what therefore decides whom it concerns: `Type/id`. */
export function targetsOf(resource: object, base: string): ReadonlySet<string> {
  const targets = toldReferences(resource).flatMap(({ reference }) => {
    const parsed = typeof reference === 'string' ? parseReference(reference, base) : undefined;
    return parsed?.kind === 'local' ? [`${parsed.type}/${parsed.id}`] : [];
  });
  return new Set(targets);
}

/** What itself is decided like something else cannot stand for a Binary. */
function contextIsBinary(): FhirError {
  return new FhirError(
    'unprocessable',
    'The security context of a Binary must be no Binary itself',
    {
      expression: 'Binary.securityContext',
    },
  );
}
