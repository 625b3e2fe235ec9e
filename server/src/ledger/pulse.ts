import type { Channel, CommittedTransaction, PreparedTransaction } from './channel.ts';
import { LedgerError } from './errors.ts';

export interface PulseLimits {
  /** A transaction that became VALID this many ms ago still shows that the ledger orders. */
  readonly fresh: number;
  /** Says how long to wait for a sign of life, ms. */
  readonly patience: number;
}

const PULSE_LIMITS: PulseLimits = { fresh: 1_000, patience: 10_000 };

/**
 * Tells whether the ledger orders transactions now. Every transaction that becomes VALID is a sign of life; when there
 * was none lately, a read of our own log is ordered for its own sake, one for all who wait.
 */
export class Pulse {
  readonly #channel: Channel;
  readonly #now: () => number;
  readonly #limits: PulseLimits;
  readonly #waiting = new Set<() => void>();
  #last = -Infinity;
  #probe: Promise<void> | undefined;

  /** `now` is monotonic, in ms. */
  constructor(channel: Channel, now: () => number, limits: PulseLimits = PULSE_LIMITS) {
    this.#channel = channel;
    this.#now = now;
    this.#limits = limits;
  }

  /** The same channel; what becomes VALID through it counts as a sign of life. */
  observed(): Channel {
    const channel = this.#channel;
    return {
      kind: channel.kind,
      msp: channel.msp,
      prepare: (call) => channel.prepare(call),
      submit: (prepared) => this.#submit(prepared),
      outcome: (txId) => channel.outcome(txId),
      evaluate: (call) => channel.evaluate(call),
      proof: (txId) => channel.proof(txId),
      trust: () => channel.trust(),
      ready: () => channel.ready(),
      close: () => channel.close(),
    };
  }

  /** @throws LedgerError `unavailable` unless the ledger shows a sign of life in time */
  async alive(limits: PulseLimits = this.#limits): Promise<void> {
    const asked = this.#now();
    if (asked - this.#last < limits.fresh) return;
    await new Promise<void>((resolve, reject) => {
      const beat = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(beat);
        resolve();
      };
      const give = (cause: unknown): void => {
        clearTimeout(timer);
        this.#waiting.delete(beat);
        reject(new LedgerError('unavailable', 'the ledger orders nothing now', { cause }));
      };
      const timer = setTimeout(give, limits.patience);
      this.#waiting.add(beat);
      this.#probe ??= this.#order().finally(() => (this.#probe = undefined));
      this.#probe.catch(give);
    });
  }

  async #order(): Promise<void> {
    const args = [JSON.stringify({ msp: this.#channel.msp })];
    const prepared = await this.#channel.prepare({ contract: 'log', transaction: 'head', args });
    await this.#submit(prepared).catch((error: unknown) => {
      // It lost to an append ordered before it: so something was ordered.
      if (!(error instanceof LedgerError && error.phase === 'commit-invalid')) throw error;
    });
  }

  async #submit(
    prepared: Pick<PreparedTransaction, 'txId' | 'bytes'>,
  ): Promise<CommittedTransaction> {
    try {
      const committed = await this.#channel.submit(prepared);
      this.#beat();
      return committed;
    } catch (error) {
      if (error instanceof LedgerError && error.phase === 'commit-invalid') this.#beat();
      // Something is wrong: what was seen before does not count any more.
      else this.#last = -Infinity;
      throw error;
    }
  }

  #beat(): void {
    this.#last = this.#now();
    for (const beat of [...this.#waiting]) beat();
  }
}
