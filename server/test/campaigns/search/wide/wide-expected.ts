import { compartmentsOf, compartmentTypes, typesInside } from '../../../oracle/compartments.ts';
import type { Corpus, Held } from '../../../oracle/corpus.ts';
import { pathOf } from '../../../oracle/includes.ts';
import { matches } from '../../../oracle/judge.ts';
import { bySortKeys, compareText } from '../../../oracle/order.ts';
import type { WideQuestion } from './wide-question.ts';

/** What the oracle demands of the matches. */
export interface WideExpected {
  /** In order. */
  readonly must: readonly Held[];
  /** Left to the server; paths. */
  readonly may: ReadonlySet<string>;
}

/** Which compartments each resource lies in, found once. */
export class Inside {
  readonly #paths: ReadonlyMap<Held, ReadonlySet<string>>;

  constructor(corpus: Corpus) {
    this.#paths = new Map(
      corpus.all.map((held) => [held, new Set(compartmentsOf(corpus, held).map(pathOf))]),
    );
  }

  has(compartment: { readonly type: string; readonly id: string }, held: Held): boolean {
    return this.#paths.get(held)?.has(pathOf(compartment)) === true;
  }

  of(held: Held): readonly string[] {
    return [...(this.#paths.get(held) ?? [])].filter((path) =>
      compartmentTypes.some((type) => path.startsWith(`${type}/`)),
    );
  }
}

/** Types that are searched. */
function typesSearched(corpus: Corpus, { types, within }: WideQuestion): readonly string[] {
  return types ?? (within === undefined ? corpus.types() : typesInside(within.type));
}

export function wideExpected(corpus: Corpus, inside: Inside, question: WideQuestion): WideExpected {
  const { within, criteria, sort } = question;
  const must: Held[] = [];
  const may = new Set<string>();
  for (const type of typesSearched(corpus, question)) {
    for (const held of corpus.of(type)) {
      if (within !== undefined && !inside.has(within, held)) continue;
      const answer = matches(corpus, held, { type, criteria, sort, count: 0 });
      if (answer === true) must.push(held);
      if (answer === undefined) may.add(pathOf(held));
    }
  }
  const byKeys = bySortKeys(corpus, sort);
  must.sort((a, b) => byKeys(a, b) || compareText(a.type, b.type) || compareText(a.id, b.id));
  return { must, may };
}
