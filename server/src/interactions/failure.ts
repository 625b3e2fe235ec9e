import { FhirError } from '../fhir/errors.ts';
import { LedgerError } from '../ledger/errors.ts';
import { StoreConflict, StoreTooLarge, StoreUnavailable } from '../store/resource-store.ts';

/** Returns what the failure of a part is towards a client; anything else is returned as it is. */
export function asFhirError(error: unknown): unknown {
  if (error instanceof LedgerError) return ledgerFailure(error);
  if (error instanceof StoreUnavailable) {
    return new FhirError(
      'unavailable',
      'The resource store cannot be used now; nothing was changed or disclosed',
      { cause: error },
    );
  }
  if (error instanceof StoreTooLarge) {
    return new FhirError('too-large', 'The resource is larger than the store can hold', {
      cause: error,
    });
  }
  if (error instanceof StoreConflict) {
    return new FhirError('conflict', 'Others changed the same data at the same time; try again', {
      cause: error,
    });
  }
  return error;
}

function ledgerFailure(error: LedgerError): FhirError {
  const message =
    error.phase === 'commit-unknown'
      ? 'The ledger did not say in time whether this took effect; nothing was disclosed. Ask again before repeating a change'
      : 'The ledger cannot decide now; nothing was disclosed or acknowledged';
  return new FhirError('unavailable', message, { cause: error });
}
