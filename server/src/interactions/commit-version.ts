import { compileConsent, consentPatient } from '../consent/from-consent.ts';
import { FhirError } from '../fhir/errors.ts';
import {
  StoreConflict,
  type RecordWrite,
  type StoredVersion,
  type WriteSet,
} from '../store/resource-store.ts';
import type { Consent } from 'fhir/r4.js';
import type { Accepted } from './accept.ts';
import { newVersion, type NewVersion } from './new-version.ts';
import { mayChange } from './perform.ts';
import type { Permission } from '../auth/scopes.ts';
import type { Principal } from '../auth/principal.ts';
import type { Services } from './services.ts';

/** A change to one resource; `check` sees the current version just before it is replaced and throws to refuse. */
export interface Change {
  readonly interaction: string;
  readonly permission: Permission;
  readonly method: StoredVersion['method'];
  readonly type: string;
  readonly id: string;
  readonly accepted?: Accepted;
  /** To be written in the same step. When given, StoreConflict goes to the caller, who judges the condition again. */
  readonly records?: readonly RecordWrite[];
  /** May say 'unchanged' when there is nothing to do. */
  readonly check: (current: StoredVersion | undefined) => 'change' | 'unchanged';
}

export interface Changed {
  readonly version: StoredVersion;
  readonly previous: StoredVersion | undefined;
}

const ATTEMPTS = 8;

/**
 * Makes the next version durable with its index and leaf, or changes nothing. Another writer may win between reading
 * and writing: then the whole change is judged again on what it left. A Consent is in force on the ledger first.
 */
export async function commitVersion(
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
  const prepare = async (): Promise<Changed & NewVersion> => {
    const current = await services.store.current(change.type, change.id);
    await mayChange(services, principal, {
      ...change,
      patients: concerned(services, change, current),
    });
    if (change.check(current) === 'unchanged') throw new Unchanged();
    const made = await newVersion(services, { ...change, current });
    return { ...made, previous: current };
  };
  try {
    const patient = await consentOf(services, change);
    const made =
      patient === undefined
        ? await prepare()
        : await services.registry.change(patient, async () => {
            const prepared = await prepare();
            return {
              ...prepared,
              write: { ...prepared.write, ...sure(change.records) },
              id: `Consent/${change.id}`,
              compiled: compile(services, change, prepared.version.version),
            };
          });
    if (patient === undefined) {
      await services.store.write({ ...made.write, records: change.records ?? [] });
    }
    services.written();
    services.sequencer.wake([made.version.leaf]);
    return made;
  } catch (error) {
    if (error instanceof Unchanged) return undefined;
    throw error;
  }
}

/** Once a consent is in force on the ledger nothing may keep its version out of the store: no record is expected any more. */
function sure(records: readonly RecordWrite[] = []): Pick<WriteSet, 'records'> {
  return {
    records: records.map(({ collection, key, value }) => ({ collection, key, value })),
  };
}

class Unchanged extends Error {
  override readonly name = 'Unchanged';
}

/** Patients before and after: a change must be allowed for all of them. */
export function concerned(
  services: Services,
  change: Pick<Change, 'id' | 'accepted'>,
  current: StoredVersion | undefined,
): readonly string[] {
  const after =
    change.accepted === undefined
      ? []
      : services.r4.patientsOf({ ...change.accepted.resource, id: change.id });
  return [...new Set([...(current?.patients ?? []), ...after])].sort();
}

/** Id of the patient whose consent this change concerns; undefined when no decision can depend on it. */
export async function consentOf(
  services: Services,
  change: Pick<Change, 'type' | 'id' | 'accepted'>,
): Promise<string | undefined> {
  if (change.type !== 'Consent') return undefined;
  const current = await services.store.current(change.type, change.id);
  const before = current?.deleted === false ? current.patients[0] : undefined;
  const after =
    change.accepted === undefined
      ? undefined
      : consentPatient(change.accepted.resource as Consent, services.base);
  if (before !== undefined && after !== undefined && before !== after) {
    throw new FhirError('unprocessable', 'A Consent cannot be moved to another patient', {
      expression: 'Consent.patient',
    });
  }
  return after ?? before;
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
