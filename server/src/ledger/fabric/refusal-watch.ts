import { setTimeout as sleep } from 'node:timers/promises';
import { StatusCode, type Gateway } from '@hyperledger/fabric-gateway';
import type { peer } from '@hyperledger/fabric-protos';

/** Pause before the stream of blocks is opened anew (ms). */
const AGAIN = 1_000;

/** A transaction that lacked the endorsement of those without whom its keys may not be written. */
export interface Unendorsed {
  readonly txId: string;
  readonly block: number;
}

/**
 * Watches the channel's blocks, from now on, for transactions without effect because they were not endorsed by whom the
 * policies of their keys ask: no honest server sends such a one, so somebody tried to write what is not his.
 *
 * @rule alarm at forgeries
 */
export class RefusalWatch {
  readonly #use: <T>(exchange: (gateway: Gateway) => Promise<T>) => Promise<T>;
  readonly #channel: string;
  readonly #seen: (unendorsed: Unendorsed) => void;
  #stopped = false;
  #close: () => void = () => undefined;
  #next: bigint | undefined;

  constructor(
    use: <T>(exchange: (gateway: Gateway) => Promise<T>) => Promise<T>,
    channel: string,
    seen: (unendorsed: Unendorsed) => void,
  ) {
    this.#use = use;
    this.#channel = channel;
    this.#seen = seen;
  }

  async start(): Promise<void> {
    while (!this.#stopped) {
      // A peer that is down is told of by whoever needs it.
      await this.#follow().catch(() => undefined);
      await sleep(AGAIN, undefined, { ref: false });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#close();
  }

  async #follow(): Promise<void> {
    const from = this.#next === undefined ? {} : { startBlock: this.#next };
    const blocks = await this.#use((gateway) =>
      gateway.getNetwork(this.#channel).getFilteredBlockEvents(from),
    );
    this.#close = () => blocks.close();
    try {
      for await (const block of blocks) this.#look(block);
    } finally {
      blocks.close();
    }
  }

  #look(block: peer.FilteredBlock): void {
    this.#next = BigInt(block.getNumber()) + 1n;
    for (const transaction of block.getFilteredTransactionsList()) {
      const code: number = transaction.getTxValidationCode();
      if (code !== StatusCode.ENDORSEMENT_POLICY_FAILURE) continue;
      this.#seen({ txId: transaction.getTxid(), block: block.getNumber() });
    }
  }
}
