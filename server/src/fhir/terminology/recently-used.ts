/** Keeps what was used last, up to a weight in all. */
export class RecentlyUsed<T> {
  readonly #limit: number;
  readonly #kept = new Map<string, { readonly value: T; readonly weight: number }>();
  #weight = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param make gives the value and its weight; what it throws is not kept */
  get(key: string, make: () => readonly [value: T, weight: number]): T {
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.value;
    }
    const [value, weight] = make();
    this.#kept.set(key, { value, weight });
    this.#weight += weight;
    for (const [oldest, kept] of this.#kept) {
      if (this.#weight <= this.#limit || oldest === key) break;
      this.#kept.delete(oldest);
      this.#weight -= kept.weight;
    }
    return value;
  }
}
