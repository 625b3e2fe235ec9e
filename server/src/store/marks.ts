import type { StoreOptions } from './store-options.ts';

/** Into how many parts the time is divided for which the past is kept: by one of them it may be kept longer. */
const PARTS = 16;

/** Remembers which commit was the newest when, to know those which lie further back than the past is kept. */
export class Marks {
  /** Milliseconds after which to look again. */
  readonly every: number;
  readonly #keepMs: number;
  readonly #made: { readonly at: number; readonly newest: number }[] = [];

  constructor({ keepMs }: NonNullable<StoreOptions['past']>) {
    this.#keepMs = keepMs;
    this.every = Math.max(1, keepMs / PARTS);
  }

  /** The newest commit that lies so far back; undefined when none is known to. */
  due(now: number, newest: number): number | undefined {
    const last = this.#made.at(-1);
    if (last === undefined || now - last.at >= this.every) this.#made.push({ at: now, newest });
    const edge = now - this.#keepMs;
    while ((this.#made[1]?.at ?? Infinity) <= edge) this.#made.shift();
    const [oldest] = this.#made;
    return oldest !== undefined && oldest.at <= edge ? oldest.newest : undefined;
  }
}
