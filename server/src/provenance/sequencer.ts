import type { MerkleReader } from '@chartseal/evidence';
import type { Ledgers } from '../ledger/contracts/ledgers.ts';
import { isForeign, LedgerError } from '../ledger/errors.ts';
import { StoreConflict } from '../store/errors.ts';
import type { LeafBatch, LeafQueue, QueuedLeaf } from '../store/leaf-queue.ts';
import { AnchorWaiters } from './anchor-waiters.ts';
import { LogHealth, type SequencerHealth } from './log-health.ts';
import type { Leadership } from './leadership.ts';
import { batchOnLedger, LogPosition } from './log-position.ts';

export interface SequencerOptions {
  readonly queue: LeafQueue;
  readonly ledger: Pick<Ledgers, 'channel' | 'log'>;
  /** Reads the store's leaf hashes. */
  readonly log: MerkleReader;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly metrics?: SequencerMetrics;
  /** Is there where other servers share the queue: one of them anchors for all. */
  readonly leadership?: Pick<Leadership, 'leads' | 'resign'> | undefined;
  readonly limits?: Partial<SequencerLimits>;
}

export interface SequencerMetrics {
  /** A leaf announced by `wake` is anchored this many ms later. */
  readonly lag: (ms: number) => void;
  /** One more transaction is VALID, with this many leaves. */
  readonly anchored: (leaves: number) => void;
  /** Ledger and store contradict each other, for this reason; undefined: not any more. */
  readonly contradicted?: (reason: string | undefined) => void;
  /** An attempt failed and is repeated. */
  readonly failed: (error: unknown) => void;
}

export interface SequencerLimits {
  /** Leaves per transaction. */
  readonly batch: number;
  /** While leaves keep coming a batch that is not full leaves this many ms after the one before it. */
  readonly fill: number;
  /** Look for leaves of other replicas, and what the ledger holds, this often (ms) when idle. */
  readonly poll: number;
  /** Our peer may be behind what the store knows to be anchored for so long (ms). */
  readonly behind: number;
  /** First and longest wait (ms) after a failure. */
  readonly backoff: readonly [number, number];
}

const SEQUENCER_LIMITS: SequencerLimits = {
  batch: 2000,
  fill: 300,
  poll: 500,
  behind: 10_000,
  backoff: [100, 5000],
};

/** Arrival times kept for the lag metric; beyond that leaves go unmeasured. */
const MEASURED = 100_000;

/**
 * Takes queued leaves to the ledger in store order, each exactly once: the signed transaction is durable before it
 * is submitted, and a batch under way is only ever submitted again as the same bytes, which take effect once. So two servers
 * that both believe to lead do no harm.
 *
 * @rule sequencer
 */
export class Sequencer {
  readonly #queue: LeafQueue;
  readonly #ledger: Pick<Ledgers, 'channel' | 'log'>;
  readonly #log: MerkleReader;
  readonly #now: () => number;
  readonly #metrics: SequencerMetrics | undefined;
  readonly #limits: SequencerLimits;
  readonly #waiters: AnchorWaiters;
  readonly #leadership: SequencerOptions['leadership'];
  #leads = true;
  readonly #health: LogHealth;
  readonly #arrivals = new Map<string, number>();
  #position: LogPosition | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  #woken = false;
  #interrupt: (() => void) | undefined;
  #lastStart = -Infinity;

  constructor({ queue, ledger, log, now, metrics, leadership, limits }: SequencerOptions) {
    this.#queue = queue;
    this.#ledger = ledger;
    this.#log = log;
    this.#now = now;
    this.#metrics = metrics;
    this.#limits = { ...SEQUENCER_LIMITS, ...limits };
    this.#waiters = new AnchorWaiters(queue);
    this.#leadership = leadership;
    const contradicted = metrics?.contradicted ?? (() => undefined);
    this.#health = new LogHealth({ now, behind: this.#limits.behind, contradicted });
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Resolves when the step under way has ended. A batch under way is settled by the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#interrupt?.();
    await this.#running;
    await this.#leadership?.resign().catch(() => undefined);
  }

  /** Leaves were queued. Their ids are needed for the lag metric only. */
  wake(leafIds: readonly string[] = []): void {
    if (this.#metrics !== undefined && this.#leads) {
      const now = this.#now();
      for (const id of leafIds) if (this.#arrivals.size < MEASURED) this.#arrivals.set(id, now);
    }
    this.#woken = true;
    if (!['waiting', 'alarm'].includes(this.#health.current.state)) this.#interrupt?.();
  }

  /** Resolves when the leaf is anchored. @throws LedgerError `unavailable` after `deadlineMs` */
  anchored(leafId: string, deadlineMs: number): Promise<void> {
    return this.#waiters.wait(leafId, deadlineMs);
  }

  health(): SequencerHealth {
    return this.#health.current;
  }

  async #loop(): Promise<void> {
    const [first, longest] = this.#limits.backoff;
    let wait = first;
    while (!this.#stopping) {
      try {
        const more = await this.#step();
        this.#health.agreed();
        wait = first;
        if (!more) await this.#idle();
      } catch (error) {
        // Whatever happened, ask store and ledger where they stand before going on.
        this.#position = undefined;
        this.#metrics?.failed(error);
        this.#health.failed(error);
        await this.#sleep(wait);
        wait = Math.min(wait * 2, longest);
      }
    }
    this.#health.stopped();
  }

  /** One transaction at most; false when there was nothing to do. */
  async #step(): Promise<boolean> {
    if (!(await this.#mayLead())) return false;
    if (this.#position === undefined) {
      const batch = await this.#queue.batch();
      if (batch !== undefined) {
        await this.#recover(batch);
        return true;
      }
      this.#position = await LogPosition.establish(this.#ledger.log, this.#queue, this.#log);
    }
    const leaves = await this.#take();
    if (leaves.length === 0 || this.#stopping) return false;
    this.#lastStart = this.#now();
    await this.#append(this.#position, leaves);
    return true;
  }

  async #mayLead(): Promise<boolean> {
    this.#leads = (await this.#leadership?.leads()) ?? true;
    if (!this.#leads) {
      this.#position = undefined;
      this.#arrivals.clear();
    }
    return this.#leads;
  }

  /** The next leaves; when the last batch has only just left, waits for more of them. */
  async #take(): Promise<readonly QueuedLeaf[]> {
    this.#woken = false;
    const leaves = await this.#queue.queued(this.#limits.batch);
    const wait = this.#lastStart + this.#limits.fill - this.#now();
    if (leaves.length === 0 || leaves.length >= this.#limits.batch || wait <= 0) return leaves;
    await this.#sleep(wait, { wakeable: false });
    return this.#queue.queued(this.#limits.batch);
  }

  async #append(position: LogPosition, leaves: readonly QueuedLeaf[]): Promise<void> {
    const hashes = leaves.map(({ hash }) => hash);
    const prepared = await this.#ledger.log.prepareAppend(position.size, hashes);
    const next = position.after(hashes, prepared);
    const batch: LeafBatch = {
      txId: prepared.transaction.txId,
      signed: prepared.transaction.bytes,
      firstIndex: position.size,
      leaves: leaves.map(({ id }) => id),
    };
    try {
      await this.#queue.openBatch(batch);
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
      // Another replica was faster: leave it the time of a commit, then see.
      this.#position = undefined;
      await this.#sleep(this.#limits.poll, { wakeable: false });
      return;
    }
    await this.#submit(batch);
    if (this.#position !== undefined) this.#position = next;
  }

  /** A batch under way that this process has not submitted, or whose fate it does not know. */
  async #recover(batch: LeafBatch): Promise<void> {
    let known: unknown;
    try {
      known = await this.#ledger.channel.outcome(batch.txId);
    } catch (error) {
      if (!isInvalid(error)) throw error;
      await this.#requeue(batch);
      return;
    }
    if (known !== undefined || (await this.#isAppended(batch))) await this.#close(batch);
    else await this.#submit(batch);
  }

  async #isAppended(batch: LeafBatch): Promise<boolean> {
    return (await batchOnLedger(this.#ledger.log, this.#log, batch)) === 'appended';
  }

  async #submit(batch: LeafBatch): Promise<void> {
    try {
      await this.#ledger.channel.submit({ txId: batch.txId, bytes: batch.signed });
    } catch (error) {
      if (!isInvalid(error)) throw error;
      await this.#requeue(batch);
      return;
    }
    await this.#close(batch);
  }

  async #close(batch: LeafBatch): Promise<void> {
    const size = batch.firstIndex + batch.leaves.length;
    await this.#queue.closeBatch(batch.txId, { size });
    this.#metrics?.anchored(batch.leaves.length);
    this.#waiters.released(batch.leaves);
    this.#measure(batch.leaves);
  }

  /** Ordered without effect: the leaves go back to their place, and the log's head is read again. */
  async #requeue(batch: LeafBatch): Promise<void> {
    await this.#queue.closeBatch(batch.txId, undefined);
    this.#position = undefined;
  }

  #measure(leaves: readonly string[]): void {
    if (this.#metrics === undefined || this.#arrivals.size === 0) return;
    const now = this.#now();
    for (const id of leaves) {
      const arrival = this.#arrivals.get(id);
      if (arrival === undefined) continue;
      this.#arrivals.delete(id);
      this.#metrics.lag(now - arrival);
    }
  }

  async #idle(): Promise<void> {
    if (!this.#leads) return this.#sleep(this.#limits.poll);
    if (!this.#woken) await this.#sleep(this.#limits.poll, { wakeable: true });
    if (this.#woken || this.#stopping || this.#position === undefined) return;
    // An outage is found by whoever has something to append.
    const head = await this.#ledger.log.head().catch((error: unknown) => {
      if (isForeign(error)) throw error;
      return 'unknown' as const;
    });
    if (head !== 'unknown' && !this.#position.isAt(head)) this.#position = undefined;
  }

  /** Ends early on `stop`, and on `wake` when wakeable. */
  async #sleep(ms: number, { wakeable } = { wakeable: false }): Promise<void> {
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#interrupt = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#interrupt = () => {
        if (wakeable || this.#stopping) end();
      };
    });
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof LedgerError && error.phase === 'commit-invalid';
}
