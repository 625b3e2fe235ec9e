import type { Principal } from '../../auth/principal.ts';
import type { Permission } from '../../auth/scopes.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { assertPreconditions, type Preconditions } from '../conditions/preconditions.ts';
import { mayChange } from '../../access/may-change.ts';
import { assertMayKeep } from '../../access/closed-binaries.ts';
import type { Data, Deciding } from '../../access/groups.ts';

/** A wish to put something in the place of the current version. */
export interface Replacement {
  readonly interaction: string;
  readonly type: string;
  readonly permission: Permission;
  /** Whom the resource will concern; nobody once it is deleted. */
  readonly owners: readonly string[];
  readonly current: StoredVersion | undefined;
  readonly preconditions: Preconditions;
}

/**
 * Permission for whom it concerned and will concern, then the preconditions, in this order: they tell of what is there.
 * Whoever may not know of that gets the answer of a write where nothing is, as far as that one is refused as well.
 *
 * @throws FhirError
 */
export async function mayReplace(
  services: Pick<Data, 'store'> & Deciding,
  principal: Principal,
  { owners, current, preconditions, ...change }: Replacement,
): Promise<void> {
  const patients = concerned(owners, current);
  const replaces = current !== undefined;
  try {
    await mayChange(services, principal, { ...change, patients, replaces });
  } catch (error) {
    const hidden = error instanceof FhirError && error.code === 'not-found';
    if (hidden && patients.length > owners.length) {
      await mayChange(services, principal, { ...change, patients: owners });
      assertPreconditions(preconditions, undefined);
    }
    throw error;
  }
  await assertMayKeep(services, principal, current);
  assertPreconditions(preconditions, current);
}

/** Patients before and after: a change must be allowed for all of them. */
export function concerned(
  after: readonly string[],
  current: StoredVersion | undefined,
): readonly string[] {
  return [...new Set([...(current?.patients ?? []), ...after])].sort();
}
