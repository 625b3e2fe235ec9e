import type { Corpus } from '../../oracle/corpus.ts';
import { PartOfCorpus } from '../../oracle/part-of-corpus.ts';
import type { Contained, Criterion, FilterTest, Question, SortKey } from '../../oracle/question.ts';
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
    const question = withoutQuery(asker.question());
    if (contained.which === 'false') return { ...question, contained };
    const criteria = question.criteria.filter(mayBeAsked);
    return { ...question, criteria, sort: drawSort(this.#random), contained };
  }
}

/** The query that there is asks for times. */
function withoutQuery({ type, criteria, sort, count }: Question): Question {
  return { type, criteria, sort, count };
}

/** Contained resources have no time, no words and no referrers of their own: the server says that these cannot be asked. */
function mayBeAsked(criterion: Criterion): boolean {
  switch (criterion.op) {
    case 'has':
    case 'list':
      return false;
    case 'filter':
      return testMayBeAsked(criterion.test);
    case 'chain':
      // What lies beside has none either.
      return !asksForWords(criterion.then);
    default:
      return !LACKING.has(criterion.code);
  }
}

function asksForWords(criterion: Criterion): boolean {
  if (criterion.op === 'chain' || criterion.op === 'has') return asksForWords(criterion.then);
  return criterion.op === 'value' && ['_text', '_content'].includes(criterion.code);
}

const LACKING = new Set(['_lastUpdated', '_text', '_content']);

function testMayBeAsked(test: FilterTest): boolean {
  if (test.kind === 'test') return mayBeAsked(test.criterion);
  return test.kind === 'not' ? testMayBeAsked(test.of) : test.of.every(testMayBeAsked);
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
