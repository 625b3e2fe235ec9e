/**
 * Keeps what a database is told apart from values: words of SQL and objects it is about, or keys and operators. It is
 * learnt from harmless searches of every kind; hostile ones may not add to it.
 */
export class Vocabulary {
  readonly #known = new Set<string>();
  readonly #strange = new Map<string, string>();
  /** Who searches now, for the report. */
  asking = '';
  learning = true;

  /** Tells how many words harmless searches used. */
  get size(): number {
    return this.#known.size;
  }

  hear(words: Iterable<string>): void {
    for (const word of words) {
      if (this.#known.has(word)) continue;
      if (this.learning) this.#known.add(word);
      else if (!this.#strange.has(word)) this.#strange.set(word, this.asking);
    }
  }

  /** Words that only hostile searches brought, each with the first that did. */
  strange(): readonly string[] {
    return [...this.#strange].map(([word, asking]) => `${asking}: the database was told ${word}`);
  }
}
