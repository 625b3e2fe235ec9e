import { FhirError } from '../../fhir/errors.ts';
import { assertPreconditions, type Preconditions } from '../conditions/preconditions.ts';
import type { Wanted } from '../../access/change-questions.ts';
import { assertMayChange } from '../../access/decide-change.ts';
import type { Decided } from '../../access/decided.ts';
import type { Data, Deciding } from '../../access/groups.ts';

/**
 * Permission for what is there and for what is left, then the preconditions, in this order: they tell of what is there.
 * Whoever may not know of that gets the answer of a write where nothing is, as far as that one is refused as well.
 *
 * @throws FhirError
 */
export async function mayReplace(
  services: Data & Deciding,
  decided: Decided,
  { wanted, preconditions }: { readonly wanted: Wanted; readonly preconditions: Preconditions },
): Promise<void> {
  const { before } = wanted;
  try {
    await assertMayChange(services, decided, wanted);
  } catch (error) {
    if (before !== undefined && error instanceof FhirError && error.code === 'not-found') {
      await assertMayChange(services, decided, { ...wanted, before: undefined });
      assertPreconditions(preconditions, undefined);
    }
    throw error;
  }
  assertPreconditions(preconditions, before);
}
