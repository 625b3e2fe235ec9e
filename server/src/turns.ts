/** Lets those who compete for the same thing in this process act one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before === undefined ? act() : before.then(act, act);
    this.#last.set(key, mine);
    const leave = (): void => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(leave, leave);
    return mine;
  }

  /** Resolves when nobody acts for this key. */
  async quiet(key: string): Promise<void> {
    await this.#last.get(key)?.catch(() => undefined);
  }
}
