interface Kept<T> {
  readonly value: T;
  readonly weight: number;
}

/**
 * Keeps what was used last, up to a weight in all. In two generations: what was used since the older one was young is
 * young again, and nothing has to be taken out one by one, which V8's maps are slow at.
 */
export class RecentlyUsed<T> {
  readonly #half: number;
  #young = new Map<string, Kept<T>>();
  #old = new Map<string, Kept<T>>();
  #weight = 0;

  constructor(limit: number) {
    this.#half = limit / 2;
  }

  /** @param make gives the value and its weight; what it throws is not kept */
  get(key: string, make: () => readonly [value: T, weight: number]): T {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old !== undefined) return this.#keep(key, old);
    const [value, weight] = make();
    return this.#keep(key, { value, weight });
  }

  #keep(key: string, kept: Kept<T>): T {
    if (this.#weight + kept.weight > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#young.set(key, kept);
    this.#weight += kept.weight;
    return kept.value;
  }
}
