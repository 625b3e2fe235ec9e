import type { StoreOptions } from '../store-options.ts';
import { Marks } from '../marks.ts';
import type { Collections } from './collections.ts';
import { indexFields } from './documents.ts';

const perSlice = 200;

/** Names what a version needs no more. */
const OUTDATED = Object.fromEntries([...indexFields, 'until'].map((field) => [field, 1 as const]));

/** Takes what was current once out of reach when its time is over; every server does, for what it saw. */
export class Past {
  readonly #collections: Collections;
  readonly #options: StoreOptions['past'];
  readonly #marks: Marks | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(collections: Collections, options: StoreOptions['past']) {
    this.#collections = collections;
    this.#options = options;
    this.#marks = options && new Marks(options);
    this.#wait();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(): void {
    if (!this.#marks || this.#closed) return;
    this.#timer = setTimeout(() => {
      // Anything that cannot be done now is done the next time.
      this.#running = this.#tidy()
        .catch(() => undefined)
        .then(() => this.#wait());
    }, this.#marks.every).unref();
  }

  async #tidy(): Promise<void> {
    const { meta, versions } = this.#collections;
    const counters = await meta.findOne({ _id: 'store' }, { projection: { seq: 1, horizon: 1 } });
    if (!counters) return;
    const due = this.#marks?.due(this.#options?.now() ?? 0, counters.seq);
    if (due === undefined) return;
    // First nobody may ask for it any more.
    if (due > counters.horizon) {
      await meta.updateOne({ _id: 'store' }, { $max: { horizon: due } });
    }
    for (let left = true; left && !this.#closed;) {
      const found = await versions
        .find({ until: { $lte: due } }, { projection: { _id: 1 } })
        .limit(perSlice)
        .toArray();
      const ids = found.map(({ _id }) => _id);
      if (ids.length > 0) {
        await versions.updateMany({ _id: { $in: ids } }, { $unset: OUTDATED });
      }
      left = ids.length === perSlice;
    }
  }
}
