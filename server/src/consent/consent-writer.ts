import type { ConsentSet, ConsentWriter, WriterRefusal } from '@chartseal/chaincode';
import type { Principal } from '../auth/principal.ts';
import { FhirError } from '../fhir/errors.ts';
import { LedgerError } from '../ledger/errors.ts';
import { callerTo } from './access-request.ts';
import type { ConsentReplica } from './consent-replica.ts';

type Judge = Pick<ConsentReplica, 'refusesWriter'>;
type Code = WriterRefusal['code'];

const WHY: Readonly<Record<Code, string>> = {
  'writer-not-entitled':
    'Consents are recorded by the patient, or by systems and administration of the organisation that keeps the data',
  'writer-favoured':
    'nobody records a Consent that permits something to the very person who writes',
  'writer-denied': 'nobody changes a Consent that denies something to the very person who writes',
};

/**
 * Asserts what the ledger asserts again of a change of all Consents of a patient.
 *
 * @throws FhirError `forbidden`, naming the element
 */
export function assertMayWrite(
  replica: Judge,
  writer: ConsentWriter,
  change: { readonly before: ConsentSet | undefined; readonly after: ConsentSet },
): void {
  const refused = replica.refusesWriter(writer, change);
  if (refused === undefined) return;
  const of = refused.consent === undefined ? '' : ` (${refused.consent})`;
  throw refusedWriter(refused.code, refused.expression, of);
}

/** Asserts it of a Consent that the ledger need not know. @throws FhirError `forbidden` */
export function assertMayWriteAny(replica: Judge, principal: Principal): void {
  // A patient's own are told from others' by whom they concern.
  if (principal.role === 'patient') return;
  const none = { before: undefined, after: { consents: [] } };
  assertMayWrite(replica, callerTo(principal, undefined), none);
}

/** Returns what an error of the endorsement means to the caller: the same, unless the ledger does not let it write. */
export function refusedByLedger(error: unknown): unknown {
  const code = error instanceof LedgerError ? error.contractCode : undefined;
  if (code === undefined || !Object.hasOwn(WHY, code)) return error;
  return refusedWriter(code as Code, 'Consent');
}

/** The refusal of a change of Consents, by the code of the contract. */
export function refusedWriter(code: Code, expression: string, of = ''): FhirError {
  return new FhirError('forbidden', `Refused: ${WHY[code]}${of}`, { expression });
}
