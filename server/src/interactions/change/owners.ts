import { UNPLACED } from '../../consent/unplaced.ts';
import { carriedBy, containedBy, toldReferences } from '../../r4/deciding-references.ts';
import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import type { Services } from '../services.ts';

type Needed = Pick<Services, 'r4' | 'store' | 'base'>;
type Made = ReadonlyMap<string, readonly string[]>;

/**
 * Ids of the patients a resource concerns, sorted: those in whose compartments it lies, and those whom the resources
 * concern that it tells of, as these are now; for what it carries the same. `UNPLACED` among them: somebody who cannot be
 * told, as the patient of a Consent that is kept elsewhere.
 *
 * @param made patients of what is written in the same step, by `Type/id`
 * @throws FhirError `unprocessable` for a Binary whose security context is one, or is not here where another carries it
 */
export async function ownersOf(
  services: Needed,
  resource: object,
  made: Made = new Map(),
): Promise<readonly string[]> {
  const { r4, store, base } = services;
  const whole = [resource, ...carriedBy(resource)];
  const owners = new Set(whole.flatMap((each) => r4.patientsOf(each)));
  for (const target of targetsOf(resource, base)) {
    const [type = '', id = ''] = target.split('/');
    const stored = made.get(target) ?? (await store.current(type, id))?.patients;
    for (const patient of stored ?? (type === 'Patient' ? [id] : [])) owners.add(patient);
  }
  if (hasUnplaced(r4, whole, owners)) owners.add(UNPLACED);
  for (const each of whole) {
    if (!(await lacksContext(services, each, made))) continue;
    if (each !== resource) throw contextIs('not here, so that it cannot be carried by another');
    owners.add(UNPLACED);
  }
  return [...owners].sort();
}

/** Tells whether it holds a Consent of nobody here, or contains one of somebody else than those whom it concerns. */
function hasUnplaced(
  r4: Needed['r4'],
  whole: readonly object[],
  owners: ReadonlySet<string>,
): boolean {
  const ofNobody = whole.filter(isConsent).some((each) => r4.patientsOf(each).length === 0);
  const contained = whole.flatMap(containedBy).filter(isConsent);
  return (
    ofNobody ||
    contained.some((each) => {
      const patients = r4.patientsOf(each);
      return patients.length === 0 || patients.some((patient) => !owners.has(patient));
    })
  );
}

/** Tells whether it is a Binary that something stands for which is not here, not any more, or not yet. */
async function lacksContext({ r4, store }: Needed, resource: object, made: Made): Promise<boolean> {
  const context = r4.securityContext(resource);
  if (context === undefined || context === 'elsewhere') return context === 'elsewhere';
  // A resource that itself is decided like something else cannot stand for a Binary.
  if (context.type === 'Binary') throw contextIs('a Binary itself');
  if (made.has(`${context.type}/${context.id}`)) return false;
  return (await store.current(context.type, context.id))?.deleted !== false;
}

function isConsent(resource: object): boolean {
  return (resource as { readonly resourceType?: unknown }).resourceType === 'Consent';
}

/** Returns what the resource, or what it carries, tells of here: `Type/id`. */
export function targetsOf(resource: object, base: string): ReadonlySet<string> {
  const targets = toldReferences(resource).flatMap(({ reference }) => {
    const parsed = typeof reference === 'string' ? parseReference(reference, base) : undefined;
    return parsed?.kind === 'local' ? [`${parsed.type}/${parsed.id}`] : [];
  });
  return new Set(targets);
}

function contextIs(what: string): FhirError {
  return new FhirError('unprocessable', `The security context of a Binary is ${what}`, {
    expression: 'Binary.securityContext',
  });
}
