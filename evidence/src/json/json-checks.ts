/** Up to here an object's names are compared one by one; a set costs more. */
const FEW_NAMES = 12;

/** The member names of one object. */
export class Names {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** False when the name was there before. */
  add(name: string): boolean {
    if (this.#many === undefined) {
      if (this.#few.includes(name)) return false;
      this.#few.push(name);
      if (this.#few.length > FEW_NAMES) this.#many = new Set(this.#few);
      return true;
    }
    const before = this.#many.size;
    return this.#many.add(name).size > before;
  }
}

/** Tells whether a number's text neither overflows nor vanishes as a double. */
export function representable(lexeme: string): boolean {
  const value = Number(lexeme);
  return Number.isFinite(value) && (value !== 0 || !/^[^eE]*[1-9]/.test(lexeme));
}

/** Position of the first half of a surrogate pair that stands alone, or -1. */
export function loneSurrogate(text: string): number {
  return text.search(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
}
