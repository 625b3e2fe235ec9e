import {
  appendToFrontier,
  emptyFrontier,
  frontierRoot,
  type Frontier,
  type LogState,
  type MerkleReader,
} from '@chartseal/evidence';
import type { Prepared } from '../ledger/contracts/call.ts';
import type { LogLedger } from '../ledger/contracts/log-ledger.ts';
import type { LeafBatch, LeafQueue } from '../store/leaf-queue.ts';

/** The ledger's log and the store's leaves contradict each other; a person must look. Nothing is appended any more. */
export class LogAlarm extends Error {
  override readonly name = 'LogAlarm';
}

/** Our peer has not seen yet what the store knows to be anchored, or a batch is under way: ask again later. */
class LogBehind extends Error {
  override readonly name = 'LogBehind';
  /** The ledger shows less than what is anchored, and no batch explains it. */
  readonly short: boolean;

  constructor(message: string, { short } = { short: true }) {
    super(message);
    this.short = short;
  }
}

/** The ledger shows less than what was anchored: it is behind, or the log has been reset. */
export function isBehind(error: unknown): boolean {
  return error instanceof LogBehind && error.short;
}

/** Knows where our log stands, as the store's leaves and the ledger agree. */
export class LogPosition {
  readonly #frontier: Frontier;

  private constructor(frontier: Frontier) {
    this.#frontier = frontier;
  }

  get size(): number {
    return this.#frontier.size;
  }

  /**
   * Recomputes the root of all anchored leaves and compares it with the ledger's.
   *
   * @throws LogAlarm when they contradict each other, LogBehind when it is too early to say
   */
  static async establish(
    ledger: Pick<LogLedger, 'head'>,
    queue: Pick<LeafQueue, 'anchoredSize' | 'batch'>,
    log: MerkleReader,
  ): Promise<LogPosition> {
    // In this order: a batch that another replica takes to the ledger meanwhile is seen, never mistaken.
    const head = await ledger.head();
    if ((await queue.batch()) !== undefined) {
      throw new LogBehind('a batch is under way', { short: false });
    }
    const anchored = await queue.anchoredSize();
    const size = head?.size ?? 0;
    if (size < anchored) {
      throw new LogBehind(`the ledger shows ${size} leaves of ${anchored} anchored ones`);
    }
    if (size > anchored) {
      throw new LogAlarm(`the ledger holds ${size} leaves, the store anchored only ${anchored}`);
    }
    const root = hex(await log.root(anchored));
    if (head !== undefined && head.root !== root) {
      throw new LogAlarm(
        `the ledger's root of ${size} leaves is not the root of the store's leaves`,
      );
    }
    return new LogPosition(frontierOf(head));
  }

  /**
   * The ledger's log is where we know it to be. Further: another replica appends.
   *
   * @throws LogAlarm when our peer shows less than it has shown before
   */
  isAt(head: LogState | undefined): boolean {
    const size = head?.size ?? 0;
    if (size < this.size) {
      throw new LogAlarm(`the ledger held ${this.size} leaves and holds ${size} now`);
    }
    return (
      size === this.size &&
      (size === 0 || head?.root === hex(frontierRoot(this.#frontier.frontier)))
    );
  }

  /** The position after `hashes`, which the endorsing peers must have computed too. @throws LogAlarm */
  after(
    hashes: readonly Uint8Array[],
    { result }: Prepared<{ readonly size: number; readonly root: string }>,
  ): LogPosition {
    const next = appendToFrontier(this.#frontier, hashes);
    if (result.size !== next.size || result.root !== hex(frontierRoot(next.frontier))) {
      throw new LogAlarm('the peers computed another root than the one of the leaves sent');
    }
    return new LogPosition(next);
  }
}

/**
 * Returns what the ledger's log says about a batch whose transaction our peer does not know: whether it holds exactly the
 * anchored leaves (`absent`) or those and the batch (`appended`).
 *
 * @throws LogAlarm when it holds anything else, LogBehind when it holds less
 */
export async function batchOnLedger(
  ledger: Pick<LogLedger, 'head'>,
  log: MerkleReader,
  batch: LeafBatch,
): Promise<'absent' | 'appended'> {
  const head = await ledger.head();
  const size = head?.size ?? 0;
  const end = batch.firstIndex + batch.leaves.length;
  if (size < batch.firstIndex) {
    throw new LogBehind(`the ledger shows ${size} leaves of ${batch.firstIndex} anchored ones`);
  }
  if (size !== batch.firstIndex && size !== end) {
    throw new LogAlarm(`the ledger holds ${size} leaves, neither ${batch.firstIndex} nor ${end}`);
  }
  if (head !== undefined && head.root !== hex(await log.root(size))) {
    throw new LogAlarm(`the ledger's root of ${size} leaves is not the root of the store's leaves`);
  }
  return size === end ? 'appended' : 'absent';
}

function frontierOf(head: LogState | undefined): Frontier {
  if (head === undefined) return emptyFrontier;
  const frontier = head.frontier.map((hash) => Buffer.from(hash, 'hex'));
  if (hex(frontierRoot(frontier)) !== head.root) {
    throw new LogAlarm("the ledger's frontier does not give its root");
  }
  return { size: head.size, frontier };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
