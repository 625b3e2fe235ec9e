import type { DatabaseSync, StatementSync } from 'node:sqlite';

const MOST = 256;

/** Prepared statements by their text; the one not used for longest goes first. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #known = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  of(text: string): StatementSync {
    const known = this.#known.get(text) ?? this.#db.prepare(text);
    this.#known.delete(text);
    this.#known.set(text, known);
    const [oldest = text] = this.#known.keys();
    if (this.#known.size > MOST) this.#known.delete(oldest);
    return known;
  }
}

/** Statements under the names of their texts. */
export type Prepared<Texts> = Readonly<Record<keyof Texts, StatementSync>>;

export function prepareAll<Texts extends Readonly<Record<string, string>>>(
  db: DatabaseSync,
  texts: Texts,
): Prepared<Texts> {
  const prepared = Object.entries(texts).map(([name, text]) => [name, db.prepare(text)]);
  return Object.fromEntries(prepared) as Prepared<Texts>;
}
