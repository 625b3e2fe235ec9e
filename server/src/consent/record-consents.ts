import { canonicalJson, commitment, type CanonicalValue } from '@chartseal/evidence';
import type { CompiledConsent, ConsentSet } from '@chartseal/chaincode';
import type { Principal } from '../auth/principal.ts';
import type { PreparedTransaction } from '../ledger/channel.ts';
import type { ConsentLedger } from '../ledger/contracts/consent-ledger.ts';
import type { Subjects } from '../provenance/subjects.ts';
import { callerTo } from './access-request.ts';
import { assertBounded } from './bounded-set.ts';
import type { ConsentReplica, HeldConsents } from './consent-replica.ts';
import { assertMayWrite, refusedByLedger } from './consent-writer.ts';

export interface ConsentParts {
  readonly ledger: Pick<ConsentLedger, 'prepareRecord'>;
  readonly replica: ConsentReplica;
  readonly subjects: Subjects;
  readonly random: (bytes: number) => Uint8Array;
}

/** Consents to put in place of the versions before them, by `Consent/<id>`; undefined withdraws one altogether. */
export type ConsentEdits = ReadonlyMap<string, CompiledConsent | undefined>;

/** A change of what one patient allows, and who makes it. */
export interface ConsentWish {
  readonly principal: Principal;
  readonly patient: string;
  readonly edits: ConsentEdits;
}

/**
 * Asks for endorsement of the set of consents that a patient has from now on; nothing is ordered yet.
 *
 * @throws FhirError `forbidden` when the caller may not change them so, `unprocessable` for more than may be kept of one
 * patient; LedgerError
 */
export async function prepareConsents(
  { ledger, replica, subjects, random }: ConsentParts,
  { principal, patient, edits }: ConsentWish,
): Promise<{
  readonly transaction: Pick<PreparedTransaction, 'txId' | 'bytes'>;
  readonly state: HeldConsents;
}> {
  const before = replica.held(patient);
  const set = edited(before?.set, edits);
  assertBounded(before?.set, set);
  const writer = callerTo(principal, patient);
  const salt = random(32);
  const state = {
    epoch: (before?.epoch ?? 0) + 1,
    salt: Buffer.from(salt).toString('hex'),
    set,
  };
  assertMayWrite(replica, writer, { before: before?.set, after: state.set });
  const committed = (value: object): string =>
    commitment(salt, canonicalJson(value as unknown as CanonicalValue));
  const { transaction } = await ledger
    .prepareRecord(
      {
        subject: await subjects.of(patient),
        epoch: state.epoch,
        commitment: committed(state.set),
        writer: committed(writer),
      },
      { salt: state.salt, set: state.set },
      { writer, ...(before && { before: { salt: before.salt, set: before.set } }) },
    )
    .catch((error: unknown) => {
      throw refusedByLedger(error);
    });
  return { transaction, state };
}

function edited(before: ConsentSet | undefined, edits: ConsentEdits): ConsentSet {
  const consents = [
    ...(before?.consents.filter(({ id }) => !edits.has(id)) ?? []),
    ...[...edits.values()].filter((compiled) => compiled !== undefined),
  ];
  return { consents: consents.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)) };
}
