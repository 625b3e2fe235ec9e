import type { Corpus } from './oracle/corpus.ts';
import { PartOfCorpus } from './oracle/part-of-corpus.ts';
import type { Contained, Question, SortKey } from './oracle/question.ts';
import { Asker } from './random-question.ts';
import type { Random } from './random.ts';

/** Questions about what resources contain, drawn from the values there, and about resources of the same types. */
export class InsideAsker {
  readonly #random: Random;
  readonly #inside: Asker;
  readonly #own: Asker | undefined;

  /** @throws RangeError when the corpus holds nothing that contains anything */
  constructor(corpus: Corpus, random: Random) {
    const inside = corpus.all.flatMap((held) => corpus.inside(held));
    const types = new Set(inside.map(({ type }) => type));
    const own = corpus.all.filter(({ type }) => types.has(type));
    if (inside.length === 0) throw new RangeError('nothing is contained in anything');
    this.#random = random;
    this.#inside = new Asker(new PartOfCorpus(corpus, inside), random);
    this.#own = own.length === 0 ? undefined : new Asker(new PartOfCorpus(corpus, own), random);
  }

  question(): Question {
    const contained = drawContained(this.#random);
    const aboutOwn = this.#random.chance(contained.which === 'true' ? 0.1 : 0.4);
    const asker = aboutOwn && this.#own ? this.#own : this.#inside;
    const question = asker.question();
    if (contained.which === 'false') return { ...question, contained };
    return { ...question, sort: drawSort(this.#random), contained };
  }
}

function drawContained(random: Random): Contained {
  const which = random.pick(['true', 'true', 'true', 'both', 'both', 'both', 'false'] as const);
  const shown = random.pick([{}, { shown: 'container' }, { shown: 'contained' }] as const);
  return { which, ...shown };
}

/** What containers of several types can be sorted by. */
function drawSort(random: Random): readonly SortKey[] {
  const codes = random.pick([[], [], ['_id'], ['_lastUpdated'], ['_lastUpdated', '_id']]);
  return codes.map((code) => ({ code, descending: random.chance(0.5) }));
}
