import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { wholeWrite } from '../change/change-set.ts';
import { keyOf } from '../../access/included.ts';
import type { Judging } from '../change/changing.ts';
import { atEntry } from './at-entry.ts';
import type { Judgement } from './judge.ts';

/** A set is kept whole, with all that is written in its step, until the ledger has it. */
const LARGEST = 2 * 1024 * 1024;

/**
 * Asserts that what goes to the ledger before anything of the step is stored has no conditions, and is no larger than
 * can be kept.
 *
 * @throws FhirError `unprocessable` that names the entry because of which the transaction goes there
 */
export function assertWithinLimits(
  { ledgerFirst }: Pick<Judging, 'ledgerFirst'>,
  principal: Principal,
  judgement: Judgement,
): void {
  const way = ledgerFirst.wayOf(judgement, principal);
  if (way?.turn === undefined) return;
  const { row, watched } = way;
  const first = judgement.judged.find(({ step }) => watched.includes(keyOf(step)));
  const refuse = (why: string): unknown =>
    atEntry(first?.step.entry.index ?? 0, new FhirError('unprocessable', why));
  const { records, versions } = wholeWrite(judgement);
  if (records.some(({ expected }) => expected !== undefined)) {
    throw refuse(`a transaction with ${row.title} may not have conditions`);
  }
  if (versions.reduce((sum, { body }) => sum + body.length, 0) > LARGEST) {
    throw refuse(`a transaction with ${row.title} may have resources of ${LARGEST} bytes at most`);
  }
}
