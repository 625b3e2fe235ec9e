import type { ConsentSet } from '@chartseal/chaincode';
import { FhirError } from '../fhir/errors.ts';

/** A patient's Consents, and bytes of them as they are compiled: a group of decisions carries them to the peers. */
export const MOST_CONSENTS = 100;
export const MOST_BYTES = 64 * 1024;

/**
 * Decisions about one patient open all of the patient's consents, and share a transaction with those about others: what
 * one patient says must not slow the others. A set that was larger before may become smaller.
 *
 * @throws FhirError `unprocessable`
 */
export function assertBounded(before: ConsentSet | undefined, after: ConsentSet): void {
  const [old, now] = [sizeOf(before), sizeOf(after)];
  if (now.consents > Math.max(MOST_CONSENTS, old.consents)) {
    throw tooMuch(`at most ${MOST_CONSENTS} Consents of one patient are kept`, 'Consent');
  }
  if (now.bytes > Math.max(MOST_BYTES, old.bytes)) {
    const most = `${MOST_BYTES / 1024} KiB`;
    throw tooMuch(
      `the Consents of one patient may come to ${most} of rules; these come to ${Math.ceil(now.bytes / 1024)}`,
      'Consent.provision',
    );
  }
}

function sizeOf(set: ConsentSet = { consents: [] }): { consents: number; bytes: number } {
  return { consents: set.consents.length, bytes: Buffer.byteLength(JSON.stringify(set)) };
}

function tooMuch(what: string, expression: string): FhirError {
  return new FhirError('unprocessable', `Refused: ${what}`, { expression });
}
