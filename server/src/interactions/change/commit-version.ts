import { compileConsent, consentPatient } from '../../consent/from-consent.ts';
import { consentPlaces } from '../../consent/consent-place.ts';
import { UNPLACED } from '../../consent/unplaced.ts';
import { FhirError, type Issue } from '../../fhir/errors.ts';
import {
  StoreConflict,
  type RecordWrite,
  type StoredVersion,
  type WriteSet,
} from '../../store/resource-store.ts';
import type { Consent } from 'fhir/r4.js';
import type { Accepted } from './accept.ts';
import { ALONE, assertReferences, unlessReferred } from './integrity.ts';
import { concerned, mayReplace } from './may-replace.ts';
import { newVersion, type NewVersion } from './new-version.ts';
import { ownersOf } from './owners.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import type { Permission } from '../../auth/scopes.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Services } from '../services.ts';

/** A change to one resource; `check` sees the version it replaces, once that may be replaced, and throws to refuse. */
export interface Change {
  readonly interaction: string;
  readonly permission: Permission;
  readonly method: StoredVersion['method'];
  readonly type: string;
  readonly id: string;
  readonly accepted?: Accepted;
  /** Judged of the very version that is replaced. */
  readonly preconditions: Preconditions;
  /** To be written in the same step. When given, StoreConflict goes to the caller, who judges the condition again. */
  readonly records?: readonly RecordWrite[];
  /** Makes what is to be written in the same step because of it. */
  readonly along?: Along | undefined;
  /** May say 'unchanged' when there is nothing to do; absent when there always is. */
  readonly check?: (current: StoredVersion | undefined) => 'change' | 'unchanged';
}

export interface Changed {
  readonly version: StoredVersion;
  readonly previous: StoredVersion | undefined;
  /** What was strange in what was sent. */
  readonly warnings: readonly Issue[];
}

/** A version that another one brings with it, judged like any other. */
export type Along = (made: Pick<Changed, 'version' | 'previous'>) => Promise<NewVersion>;

/** Those who change one Consent in this process wait for each other, since the ledger takes its time, rather than being told of a conflict. */
function inTurn<T>({ turns }: Services, { type, id }: Change, act: () => Promise<T>): Promise<T> {
  return type === 'Consent' ? turns.take(`Consent/${id}`, act) : act();
}

interface Guarded {
  /** Keep what the version refers to from being deleted meanwhile. */
  readonly guards: readonly RecordWrite[];
}

const NONE: ReadonlySet<string> = new Set();
const ATTEMPTS = 8;

/**
 * Makes the next version durable with its index and leaf, or changes nothing. Another writer may win between reading
 * and writing: then the whole change is judged again on what it left. A Consent is in force on the ledger first.
 */
export function commitVersion(
  services: Services,
  principal: Principal,
  change: Change,
): Promise<Changed | undefined> {
  return inTurn(services, change, () => untilDone(services, principal, change));
}

async function untilDone(
  services: Services,
  principal: Principal,
  change: Change,
): Promise<Changed | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(services, principal, change);
    } catch (error) {
      if (!(error instanceof StoreConflict) || change.records !== undefined) throw error;
      if (attempt >= ATTEMPTS) {
        throw new FhirError('conflict', 'Others keep changing this resource; try again');
      }
    }
  }
}

async function once(
  services: Services,
  principal: Principal,
  change: Change,
): Promise<Changed | undefined> {
  const { revision } = services.r4.registry;
  const before = revision();
  const patient = await consentOf(services, change);
  const prepare = async (): Promise<Changed & NewVersion & Guarded> => {
    const current = await services.store.current(change.type, change.id);
    const owners = await ownersAfter(services, change);
    await mayReplace(services, principal, { ...change, owners, current });
    assertNotMoved(services, change, current);
    if (change.check?.(current) === 'unchanged') throw new Unchanged();
    const made = await newVersion(services, principal, { ...change, owners, current });
    const { accepted } = change;
    const guards =
      accepted === undefined
        ? []
        : await assertReferences(services, principal, {
            id: change.id,
            accepted,
            patients: concerned(owners, current),
            step: ALONE,
          });
    // Somebody may have put it in force, or out of it, since: then another way has to be taken.
    if ((await consentOf(services, change)) !== patient) throw new StoreConflict('It has changed');
    const changed = { ...made, previous: current, guards, warnings: accepted?.warnings ?? [] };
    if (change.along === undefined) return changed;
    const { write } = await change.along(changed);
    return { ...changed, write: together(made.write, write) };
  };
  try {
    const placesNow = () =>
      consentPlaces(services, change.type === 'Consent' ? [`Consent/${change.id}`] : []);
    const { pass } = patient === undefined ? await placesNow() : { pass: [] };
    const made =
      patient === undefined
        ? await prepare()
        : await services.registry.change(patient, async () => {
            const places = await placesNow();
            const prepared = await prepare();
            return {
              ...prepared,
              write: {
                ...prepared.write,
                records: [
                  ...(prepared.write.records ?? []),
                  ...sure(change.records),
                  ...places.free,
                ],
              },
              places,
              id: `Consent/${change.id}`,
              compiled: compile(services, change, prepared.version.version),
            };
          });
    if (patient === undefined) {
      if (revision() !== before) throw new StoreConflict('Search parameters have changed');
      const gone = new Set(change.accepted === undefined ? [`${change.type}/${change.id}`] : []);
      const known = [
        ...(made.write.records ?? []),
        ...(change.records ?? []),
        ...pass,
        ...made.guards,
      ];
      await unlessReferred(services, { gone, changed: NONE }, (records) =>
        services.store.write({ ...made.write, records: [...known, ...records] }),
      );
    }
    await services.written(made.write.versions ?? []);
    services.sequencer.wake(made.write.leaves?.map(({ id }) => id) ?? []);
    return made;
  } catch (error) {
    if (error instanceof Unchanged) return undefined;
    throw error;
  }
}

/** Once a consent is in force on the ledger nothing may keep its version out of the store: no record is expected any more. */
function sure(records: readonly RecordWrite[] = []): readonly RecordWrite[] {
  return records.map(({ collection, key, value }) => ({ collection, key, value }));
}

class Unchanged extends Error {
  override readonly name = 'Unchanged';
}

function together(first: WriteSet, second: WriteSet): WriteSet {
  return {
    versions: [...(first.versions ?? []), ...(second.versions ?? [])],
    leaves: [...(first.leaves ?? []), ...(second.leaves ?? [])],
    records: [...(first.records ?? []), ...(second.records ?? [])],
  };
}

/** Whom the resource will concern; nobody once it is deleted. */
export async function ownersAfter(
  services: Services,
  { id, accepted }: Pick<Change, 'id' | 'accepted'>,
  made?: ReadonlyMap<string, readonly string[]>,
): Promise<readonly string[]> {
  return accepted === undefined ? [] : ownersOf(services, { ...accepted.resource, id }, made);
}

/**
 * Id of the patient whose consent this change concerns; undefined when no decision can depend on it: where the patient is
 * not here, and the Consent governs nothing.
 *
 * @throws FhirError `unprocessable` for one that governs data of somebody who is not here
 */
export async function consentOf(
  services: Services,
  change: Pick<Change, 'type' | 'id' | 'accepted'>,
): Promise<string | undefined> {
  if (change.type !== 'Consent') return undefined;
  const current = await services.store.current(change.type, change.id);
  return patientAfter(services, change) ?? patientBefore(current);
}

/** To be asked when it is sure that the caller may know of the current version. @throws FhirError `unprocessable` */
export function assertNotMoved(
  services: Services,
  change: Pick<Change, 'type' | 'accepted'>,
  current: StoredVersion | undefined,
): void {
  if (change.type !== 'Consent' || change.accepted === undefined) return;
  const before = patientBefore(current);
  if (before === undefined || before === patientAfter(services, change)) return;
  throw new FhirError('unprocessable', 'A Consent cannot be moved to another patient', {
    expression: 'Consent.patient',
  });
}

function patientBefore(current: StoredVersion | undefined): string | undefined {
  return current?.deleted === false ? current.patients.find((id) => id !== UNPLACED) : undefined;
}

function patientAfter(
  { base }: Services,
  { accepted }: Pick<Change, 'accepted'>,
): string | undefined {
  return accepted === undefined ? undefined : consentPatient(accepted.resource as Consent, base);
}

/** What the authority evaluates of the Consent that a change leaves; undefined when nothing is left. */
export function compile(
  { base, r4: { isResourceType } }: Services,
  change: Pick<Change, 'id' | 'accepted'>,
  version: number,
): ReturnType<typeof compileConsent> {
  return change.accepted === undefined
    ? undefined
    : compileConsent(change.accepted.resource as Consent, {
        id: change.id,
        version,
        base,
        isResourceType,
      });
}
