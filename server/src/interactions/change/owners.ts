import { UNPLACED } from '../../consent/unplaced.ts';
import type { Data } from '../../access/groups.ts';
import { carriedBy, containedBy } from '../../r4/deciding-references.ts';
import { followed, keyOfClue } from '../../r4/followed.ts';
import type { Whose } from '../../r4/whose.ts';
import { FhirError } from '../../fhir/errors.ts';
import { concerned } from './concerned-by-one.ts';
import { Lookups, type Made } from './follow-clues.ts';

/** Whom a resource concerns. */
export interface Owners {
  /**
   * Ids of patients, sorted. `UNPLACED` among them: somebody who cannot be told, as the patient of a Consent that is kept
   * elsewhere.
   */
  readonly patients: readonly string[];
  /** Names what would tell more if it came: `Type/id`, or `system|value` of a patient's identifier. */
  readonly awaited: readonly string[];
  /** Elements that should say whose data it is, and do not, or not yet. */
  readonly unclear: readonly string[];
}

/**
 * Whom a resource concerns: those in whose compartments it lies, and those whom the resources concern that it tells of, as
 * these are now; for what it carries the same. Where nothing says whom it is about, those to whom its other references
 * lead; where that leads to nobody either, somebody who cannot be told: docs/decisions/0052.
 *
 * @param made patients of what is written in the same step, by `Type/id`
 * @throws FhirError `unprocessable` for a Binary whose security context is one, or is not here where another carries it
 * @rule unassigned data
 */
export async function ownersOf(
  services: Data,
  resource: object,
  made: Made = new Map(),
): Promise<Owners> {
  const { r4 } = services;
  const lookups = new Lookups(services, resource, made);
  const owners = new Set<string>();
  const unclear = new Set<string>();
  const silent: Whose[] = [];
  const all = r4.whoseOf(resource);
  for (const whose of all) {
    const state = await concerned(lookups, whose, owners);
    if (state.outcome === 'silent') silent.push(whose);
    for (const element of state.unclear) unclear.add(element);
  }
  const whole = [resource, ...carriedBy(resource)];
  if (hasUnplaced(r4, whole, owners)) owners.add(UNPLACED);
  for (const patient of all.flatMap(({ within }) => within)) owners.add(patient);
  for (const each of whole) {
    if (!(await lacksContext(services, each, made))) continue;
    if (each !== resource) throw contextIs('not here, so that it cannot be carried by another');
    owners.add(UNPLACED);
  }
  // A resource that says nothing of its own is of those whom the whole is of.
  if (owners.size === 0) for (const { element } of silent) unclear.add(element);
  if (unclear.size > 0) owners.add(UNPLACED);
  for (const element of lookups.unplaced) unclear.add(element);
  return {
    patients: [...owners].sort(),
    awaited: owners.has(UNPLACED) ? [...lookups.awaited].sort() : [],
    unclear: [...unclear],
  };
}

/** Returns what is to be known before whom a resource concerns: `Type/id` of what it leads to here. */
export function targetsOf({ r4 }: Pick<Data, 'r4'>, resource: object): ReadonlySet<string> {
  return new Set(r4.whoseOf(resource).flatMap(followed).flatMap(keyOfClue));
}

/** Tells whether it holds a Consent of nobody here, or contains one of somebody else than those whom it concerns. */
function hasUnplaced(
  r4: Data['r4'],
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
async function lacksContext({ r4, store }: Data, resource: object, made: Made): Promise<boolean> {
  const context = r4.securityContext(resource);
  if (context === undefined || context === 'elsewhere') return context === 'elsewhere';
  // A resource that itself is decided like something else cannot stand for a Binary.
  if (context.type === 'Binary') throw contextIs('a Binary itself');
  if (made.has(`${context.type}/${context.id}`)) return false;
  return (await store.versions.current(context.type, context.id))?.deleted !== false;
}

function isConsent(resource: object): boolean {
  return (resource as { readonly resourceType?: unknown }).resourceType === 'Consent';
}

function contextIs(what: string): FhirError {
  return new FhirError('unprocessable', `The security context of a Binary is ${what}`, {
    expression: 'Binary.securityContext',
  });
}
