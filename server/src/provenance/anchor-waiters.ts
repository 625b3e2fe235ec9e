import { LedgerError } from '../ledger/errors.ts';
import type { LeafQueue } from '../store/leaf-queue.ts';

/** Calls that wait for a leaf to be anchored, by this process or by another replica. */
export class AnchorWaiters {
  readonly #queue: Pick<LeafQueue, 'leaf'>;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(queue: Pick<LeafQueue, 'leaf'>) {
    this.#queue = queue;
  }

  /** Resolves when the leaf is anchored. @throws LedgerError `unavailable` after `deadline` ms */
  async wait(leafId: string, deadline: number): Promise<void> {
    const signal = AbortSignal.timeout(deadline);
    while ((await this.#queue.leaf(leafId))?.anchored === undefined) {
      if (signal.aborted) throw new LedgerError('unavailable', 'the leaf was not anchored in time');
      await this.#next(leafId, signal);
    }
  }

  released(leafIds: readonly string[]): void {
    if (this.#waiting.size === 0) return;
    for (const id of leafIds) for (const release of this.#waiting.get(id) ?? []) release();
  }

  /** Until this process anchors the leaf, or the deadline, or it is time to see whether another server has. */
  async #next(leafId: string, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const releases = this.#waiting.get(leafId) ?? new Set();
      this.#waiting.set(leafId, releases);
      const release = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', release);
        releases.delete(release);
        if (releases.size === 0) this.#waiting.delete(leafId);
        resolve();
      };
      const timer = setTimeout(release, 250);
      signal.addEventListener('abort', release, { once: true });
      releases.add(release);
    });
  }
}
