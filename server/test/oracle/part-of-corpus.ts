import { Corpus } from './corpus.ts';
import type { Held } from './corpus.ts';
import type { Parameter } from './parameters.ts';

/** Some of the resources, or what they contain, whose references lead to all of them. */
export class PartOfCorpus extends Corpus {
  readonly #whole: Corpus;

  constructor(whole: Corpus, part: readonly Held[]) {
    super(part);
    this.#whole = whole;
  }

  override elements(held: Held, parameter: Parameter): ReturnType<Corpus['elements']> {
    return this.#whole.elements(held, parameter);
  }

  override reached(held: Held, parameter: Parameter): readonly Held[] {
    return this.#whole.reached(held, parameter);
  }
}
