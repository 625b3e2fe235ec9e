/** Says which other organisation endorses with us: the one that worked last, the next one after a failure. */
export class Endorsers {
  readonly #own: string;
  readonly #others: readonly string[];
  #next = 0;

  constructor([own, ...others]: readonly string[]) {
    if (own === undefined || others.length === 0) throw new RangeError('two endorsers are needed');
    this.#own = own;
    this.#others = others;
  }

  /** Our own organisation and one other. */
  pair(): readonly string[] {
    const other = this.#others[this.#next];
    return other === undefined ? [this.#own] : [this.#own, other];
  }

  /** The pair failed: try another organisation next, unless a concurrent call moved on already. */
  failed(pair: readonly string[]): void {
    if (this.#others[this.#next] === pair[1]) this.#next = (this.#next + 1) % this.#others.length;
  }
}
