import { LedgerError } from './errors.ts';

/** Names what stands on the ledger under our name: our overarching policy, our evidence log. */
export type Kept = 'policy' | 'log';

/** Is told of each change: `reason` says what is wrong, undefined that it is right again. */
export type OnFault = (kept: Kept, reason: string | undefined) => void;

/**
 * Says whether this server may serve: not while the ledger holds under its name what it did not put there. Asked by
 * every way in and out; what has been set right is served on by itself.
 *
 * @rule serving condition
 */
export class Serving {
  readonly #faults = new Map<Kept, string>();
  readonly #changed: OnFault;

  constructor(changed: OnFault = () => undefined) {
    this.#changed = changed;
  }

  /** @param reason tells nothing of what is kept here; undefined: it is as we put it */
  found(kept: Kept, reason: string | undefined): void {
    if (this.#faults.get(kept) === reason) return;
    if (reason === undefined) this.#faults.delete(kept);
    else this.#faults.set(kept, reason);
    this.#changed(kept, reason);
  }

  /** The reason why nothing is served; undefined while everything is as we put it. */
  fault(): string | undefined {
    const [reason] = this.#faults.values();
    return reason;
  }

  /** @throws LedgerError `unavailable` while something is not as we put it */
  assert(): void {
    const reason = this.fault();
    if (reason !== undefined) throw new LedgerError('unavailable', reason);
  }
}
