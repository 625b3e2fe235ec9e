import type { CustodyLedger } from '../ledger/contracts/custody-ledger.ts';
import type { Subjects } from '../provenance/subjects.ts';
import type { ConsentReplica } from './consent-replica.ts';

/** Subjects that one transaction names. */
const AT_ONCE = 200;

interface CustodyParts {
  readonly ledger: CustodyLedger;
  readonly replica: Pick<ConsentReplica, 'patients'>;
  readonly subjects: Pick<Subjects, 'of'>;
  /** Is told how many keys were brought under their policy. */
  readonly brought: (keys: number) => void;
}

/**
 * Sees to it that what this custodian keeps on the ledger cannot be written without its own peer: also what was written
 * before keys had policies, or under those of other members.
 */
export class Custody {
  readonly #parts: CustodyParts;
  #headsKept = false;

  constructor(parts: CustodyParts) {
    this.#parts = parts;
  }

  /** Log, record of disclosures and policy: before anything is written there. */
  async keep(): Promise<void> {
    this.#tell(await this.#parts.ledger.keep());
  }

  /** The consent heads of all patients there are, once; those that come are kept when they are written. */
  async keepHeads(): Promise<void> {
    if (this.#headsKept) return;
    const { ledger, replica, subjects } = this.#parts;
    const patients = [...replica.patients()];
    for (let from = 0; from < patients.length; from += AT_ONCE) {
      const some = patients.slice(from, from + AT_ONCE);
      const named = await Promise.all(some.map((patient) => subjects.of(patient)));
      this.#tell(await ledger.keepHeads(named));
    }
    this.#headsKept = true;
  }

  #tell(keys: number): void {
    if (keys > 0) this.#parts.brought(keys);
  }
}
