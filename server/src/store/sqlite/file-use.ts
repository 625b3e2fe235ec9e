import { StoreUnavailable } from '../errors.ts';
import type { Aside } from './aside.ts';
import { guard } from './guard.ts';
import type { Transactions } from './transactions.ts';

/** The ways to use the open file. After the end every use is refused. */
export class FileUse {
  readonly #aside: Aside;
  readonly #transactions: Transactions;
  #ended = false;

  constructor(by: { readonly aside: Aside; readonly transactions: Transactions }) {
    this.#aside = by.aside;
    this.#transactions = by.transactions;
  }

  /** Reads at one moment. @throws StoreUnavailable */
  async read<T>(act: () => T): Promise<T> {
    await Promise.resolve();
    this.assertOpen();
    return guard(() => this.#aside.read(act));
  }

  /** Changes something in a transaction of its own, after a large set that is being written. @throws StoreUnavailable */
  async change(act: () => void): Promise<void> {
    await Promise.resolve();
    while (this.#aside.busy) await this.#aside.idle();
    this.assertOpen();
    this.#transactions.run(act);
  }

  /** @throws StoreUnavailable */
  assertOpen(): void {
    if (this.#ended) throw new StoreUnavailable('The store is closed');
  }

  /** Returns false when it had ended before. */
  end(): boolean {
    const first = !this.#ended;
    this.#ended = true;
    return first;
  }
}
