import { isForeign } from '../ledger/errors.ts';
import { isBehind, LogAlarm } from './log-position.ts';

export interface SequencerHealth {
  /** `alarm`: ledger and store contradict each other; nothing is appended until somebody has set it right. */
  readonly state: 'starting' | 'running' | 'waiting' | 'alarm' | 'stopped';
  readonly reason?: string;
}

export interface LogHealthOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Our peer may be behind what the store knows to be anchored for so long (ms). */
  readonly behind: number;
  /** Ledger and store contradict each other, for this reason; undefined: not any more. */
  readonly contradicted: (reason: string | undefined) => void;
}

const FOREIGN = 'the log on the ledger is not the one this server keeps';

/** Tells a log that only waits from one that the ledger does not hold any more. */
export class LogHealth {
  readonly #options: LogHealthOptions;
  #health: SequencerHealth = { state: 'starting' };
  #behindSince: number | undefined;

  constructor(options: LogHealthOptions) {
    this.#options = options;
  }

  get current(): SequencerHealth {
    return this.#health;
  }

  agreed(): void {
    this.#behindSince = undefined;
    if (this.#health.state === 'alarm') this.#options.contradicted(undefined);
    this.#health = { state: 'running' };
  }

  /** An alarm lasts until ledger and store agree again, whatever else fails meanwhile. */
  failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown failure';
    const before = this.#health.state === 'alarm';
    const alarm = before || error instanceof LogAlarm || isForeign(error) || this.#isLost(error);
    if (alarm && !before) this.#options.contradicted(FOREIGN);
    this.#health = { state: alarm ? 'alarm' : 'waiting', reason };
  }

  stopped(): void {
    this.#health = { state: 'stopped' };
  }

  #isLost(error: unknown): boolean {
    if (!isBehind(error)) return false;
    const { now, behind } = this.#options;
    this.#behindSince ??= now();
    return now() - this.#behindSince > behind;
  }
}
