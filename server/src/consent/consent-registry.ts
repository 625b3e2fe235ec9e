import { canonicalJson, commitment, type CanonicalValue } from '@chartseal/evidence';
import type { CompiledConsent, ConsentSet } from '@chartseal/chaincode';
import type { Channel } from '../ledger/channel.ts';
import type { ContractLedger } from '../ledger/contract-ledger.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { Subjects } from '../provenance/subjects.ts';
import type { RecordWrite, ResourceStore, WriteSet } from '../store/resource-store.ts';
import type { ConsentReplica, HeldConsents } from './consent-replica.ts';
import { decodePending, encodePending, type PendingChange } from './pending-change.ts';
import { assertStillNext, release, reserve } from './reserved.ts';

const PENDING = 'consent-pending';
const ATTEMPTS = 3;

/** One consent to put in place of the version before it; `compiled` undefined withdraws it altogether. */
export interface ConsentEdit {
  /** `Consent/<id>` */
  readonly id: string;
  readonly compiled: CompiledConsent | undefined;
  /** More consents of the same patient that change in the same step. */
  readonly also?: readonly Pick<ConsentEdit, 'id' | 'compiled'>[];
  readonly write: WriteSet;
}

export interface ConsentRegistryParts {
  readonly store: ResourceStore;
  readonly ledger: Pick<ContractLedger, 'prepareConsent'>;
  readonly channel: Pick<Channel, 'submit'>;
  readonly replica: ConsentReplica;
  readonly subjects: Subjects;
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * Changes consent on the ledger first and in the store second, so that a change that was answered is in force.
 * Between the two it is kept as a pending change: after a crash the ledger says whether it happened, and the store follows.
 */
export class ConsentRegistry {
  readonly #with: ConsentRegistryParts;
  /** Changes to one patient's consents take turns. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(parts: ConsentRegistryParts) {
    this.#with = parts;
  }

  /** `prepare` runs in the patient's turn, so what it reads stays true until the change is made. */
  change<T extends ConsentEdit>(patient: string, prepare: () => Promise<T>): Promise<T> {
    return this.#inTurn(patient, async () => {
      await this.#settlePending(patient);
      const edit = await prepare();
      await this.#enforce(patient, edit);
      return edit;
    });
  }

  /** Resolves when no change to this patient's consents is under way here. */
  async quiet(patient: string): Promise<void> {
    await this.#turns.get(patient)?.catch(() => undefined);
  }

  /** Finish what a crash or an outage left open. Call at start and from time to time; a LedgerError means: later. */
  async recover(): Promise<void> {
    for (const patient of (await this.#with.store.records(PENDING)).keys()) {
      await this.#inTurn(patient, () => this.#settlePending(patient));
    }
  }

  async #enforce(patient: string, edit: ConsentEdit): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const held = this.#next(patient, edit);
      const prepared = await this.#with.ledger.prepareConsent(
        {
          subject: await this.#with.subjects.of(patient),
          epoch: held.epoch,
          commitment: commitment(
            Buffer.from(held.salt, 'hex'),
            canonicalJson(held.set as unknown as CanonicalValue),
          ),
        },
        { salt: held.salt, set: held.set },
      );
      const change: PendingChange = {
        txId: prepared.transaction.txId,
        signed: prepared.transaction.bytes,
        patient,
        held,
        write: edit.write,
      };
      await this.#begin(change);
      try {
        await this.#submit(change);
        return;
      } catch (error) {
        const again = error instanceof LedgerError && error.phase === 'commit-invalid';
        if (!again || attempt >= ATTEMPTS) throw error;
        await this.#with.replica.reload(patient);
      }
    }
  }

  /** @throws StoreConflict when another process is at it, or has been since the change was prepared */
  async #begin(change: PendingChange): Promise<void> {
    const { store } = this.#with;
    const { patient, write } = change;
    const pending = { collection: PENDING, key: patient, value: encodePending(change) };
    await store.write({ records: [{ ...pending, expected: null }, ...reserve(write, patient)] });
    try {
      await assertStillNext(store, write);
    } catch (error) {
      await store.write({ records: ended(change) });
      throw error;
    }
  }

  async #settlePending(patient: string): Promise<void> {
    const bytes = await this.#with.store.record(PENDING, patient);
    if (bytes === undefined) return;
    try {
      await this.#submit(decodePending(bytes));
    } catch (error) {
      if (!(error instanceof LedgerError && error.phase === 'commit-invalid')) throw error;
    }
  }

  /** Submitting the same bytes again is safe; the pending record goes as soon as the outcome is certain. */
  async #submit(change: PendingChange): Promise<void> {
    const { patient, held, write } = change;
    const gone = ended(change);
    try {
      await this.#with.channel.submit({ txId: change.txId, bytes: change.signed });
    } catch (error) {
      if (error instanceof LedgerError && error.phase === 'commit-invalid') {
        await this.#with.store.write({ records: gone });
      }
      throw error;
    }
    // It is in force: searches must not look for what the ledger hides while the store is still writing.
    this.#with.replica.hold(patient, held);
    await this.#with.store.write({
      ...write,
      records: [...(write.records ?? []), this.#with.replica.recordOf(patient, held), ...gone],
    });
    // Meanwhile somebody may have read the one before from the store again.
    this.#with.replica.hold(patient, held);
  }

  #next(patient: string, edit: ConsentEdit): HeldConsents {
    const before = this.#with.replica.held(patient);
    const edits = new Map([edit, ...(edit.also ?? [])].map(({ id, compiled }) => [id, compiled]));
    const consents = [
      ...(before?.set.consents.filter((consent) => !edits.has(consent.id)) ?? []),
      ...[...edits.values()].filter((compiled) => compiled !== undefined),
    ];
    const set: ConsentSet = {
      consents: consents.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
    };
    return {
      epoch: (before?.epoch ?? 0) + 1,
      salt: Buffer.from(this.#with.random(32)).toString('hex'),
      set,
    };
  }

  #inTurn<T>(patient: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(patient) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(act);
    this.#turns.set(patient, mine);
    const leave = (): void => {
      if (this.#turns.get(patient) === mine) this.#turns.delete(patient);
    };
    mine.then(leave, leave);
    return mine;
  }
}

/** Nothing of the change is under way any more. */
function ended({ patient, write }: PendingChange): readonly RecordWrite[] {
  return [{ collection: PENDING, key: patient, value: undefined }, ...release(write)];
}
