import { decodeString, replaceStrings } from '../../fhir/json/replace-strings.ts';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import type { RecordWrite } from '../../store/record-store.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Accepted } from './accept.ts';
import { leftBy, type ChangeSet, type Leaving } from './change-set.ts';
import { notLeaving } from './departures.ts';
import { concernedBy } from '../../access/change-questions.ts';
import { foresee } from '../../access/foresee.ts';
import type { Data } from '../../access/groups.ts';
import type { Narrowing } from '../../consent/narrow.ts';
import type { Settings } from '../groups.ts';

/**
 * Asserts that what the resources of a set refer to is there, or made in it: http://hl7.org/fhir/R4/http.html#integrity
 *
 * @returns what keeps the targets from being deleted at the same time
 * @throws FhirError `unprocessable` that names the element
 * @rule referential integrity
 */
export async function referencesHold(
  services: Data & Narrowing & Pick<Settings, 'integrity'>,
  principal: Principal,
  set: ChangeSet,
): Promise<readonly RecordWrite[]> {
  if (services.integrity === 'off') return [];
  const step = leftBy(set);
  const guards = new Map<string, RecordWrite>();
  for (const change of set.changes) {
    const { id, accepted, previous, made, tellsOf, blame } = change;
    if (accepted === undefined || made === undefined) continue;
    const patients = concernedBy({ before: previous, after: made.version });
    const of = { id, accepted, patients, step, tellsOf };
    const found = await assertReferences(services, principal, of).catch((error: unknown) => {
      throw blame === undefined ? error : blame(error);
    });
    for (const guard of found) guards.set(guard.key, guard);
  }
  return [...guards.values()];
}

/**
 * Asserts that what a resource refers to is there, as far as its writer may know: what it may not see, and what does
 * not concern the patients that it writes of, is absent for it.
 *
 * @returns what keeps the targets from being deleted at the same time
 * @throws FhirError `unprocessable` that names the element
 */
async function assertReferences(
  services: Data & Narrowing & Pick<Settings, 'integrity'>,
  principal: Principal,
  of: {
    readonly id: string;
    readonly accepted: Accepted;
    /** Patients for whom the change is permitted. */
    readonly patients: readonly string[];
    readonly step: Leaving;
    readonly tellsOf: string | undefined;
  },
): Promise<readonly RecordWrite[]> {
  const { type } = of.accepted;
  const itself = `${type}/${of.id}`;
  const visible = foresee(services, principal, undefined);
  const guards: RecordWrite[] = [];
  for (const [target, { element, version }] of referencesIn(services, of.accepted)) {
    if (target === itself || target === of.tellsOf || of.step.made.has(target)) continue;
    const [targetType = '', id = ''] = target.split('/');
    // Before looking at the target: a deletion that is over by then is seen, a later one changes the record.
    if (services.integrity === 'write-and-delete') guards.push(await notLeaving(services, target));
    const found = await services.store.versions.current(targetType, id);
    const there =
      found?.deleted === false &&
      !of.step.deleted.has(target) &&
      (version === undefined || Number(version) <= found.version) &&
      (concernsOnly(found, of.patients) || visible(found));
    if (!there) {
      throw new FhirError('unprocessable', `${element} refers to ${target}, which is not here`, {
        expression: element,
      });
    }
  }
  return guards;
}

function concernsOnly({ patients }: StoredVersion, permitted: readonly string[]): boolean {
  return patients.every((patient) => permitted.includes(patient));
}

interface FoundReference {
  /** FHIRPath of the first element that holds it. */
  readonly element: string;
  readonly version: string | undefined;
}

/** Literal references to this server in a resource; a Bundle's entries are documents of their own. */
function referencesIn({ r4, base }: Data, accepted: Accepted): ReadonlyMap<string, FoundReference> {
  const { type, resource, scanned } = accepted;
  const found = new Map<string, FoundReference>();
  if (type === 'Bundle') return found;
  replaceStrings(scanned.text, ({ path, raw }) => {
    if (path.at(-1) !== 'reference') return undefined;
    const parsed = parseReference(decodeString(raw), base);
    if (parsed?.kind !== 'local' || !r4.isResourceType(parsed.type)) return undefined;
    if (r4.typeAt(resource, path)?.owner !== 'Reference') return undefined;
    const key = `${parsed.type}/${parsed.id}`;
    const element = path
      .slice(0, -1)
      .reduce<string>(
        (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${step}`),
        type,
      );
    if (!found.has(key)) found.set(key, { element, version: parsed.version });
    return undefined;
  });
  return found;
}
