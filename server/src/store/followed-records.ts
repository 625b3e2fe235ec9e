import type { RecordStore } from './record-store.ts';

const NOTHING_NEW = Promise.resolve();

/**
 * Keeps what a process has in memory of a collection as new as the store. A question that is under way may have been asked
 * before a write was acknowledged, so that whoever comes meanwhile waits for the next one, which all of them share.
 */
export class FollowedRecords {
  readonly #records: Pick<RecordStore, 'newsOf'>;
  readonly #collection: string;
  readonly #take: (key: string, value: Uint8Array) => void;
  #revision: number | undefined;
  #asking: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** @param take is given what is stored under a key now, once or several times */
  constructor(
    records: Pick<RecordStore, 'newsOf'>,
    collection: string,
    take: (key: string, value: Uint8Array) => void,
  ) {
    this.#records = records;
    this.#collection = collection;
    this.#take = take;
  }

  /** Resolves when everything that was acknowledged before the call has been taken. @throws StoreUnavailable */
  catchUp(): Promise<void> {
    if (this.#revision === Infinity) return NOTHING_NEW;
    if (this.#asking === undefined) return this.#ask();
    this.#next ??= this.#asking.then(
      () => this.#ask(),
      () => this.#ask(),
    );
    return this.#next;
  }

  #ask(): Promise<void> {
    this.#next = undefined;
    const asking = this.#read().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    this.#asking = asking;
    return asking;
  }

  async #read(): Promise<void> {
    const { revision, records } = await this.#records.newsOf(this.#collection, this.#revision);
    for (const [key, value] of records) this.#take(key, value);
    this.#revision = revision;
  }
}
