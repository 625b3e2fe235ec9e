import { some } from '../../oracle/answer.ts';
import type { Answer } from '../../oracle/answer.ts';
import type { Corpus, Held } from '../../oracle/corpus.ts';
import { matches } from '../../oracle/judge.ts';
import { inOrder } from '../../oracle/order.ts';
import type { Contained, Question } from '../../oracle/question.ts';

/** What the oracle demands of an answer. */
export interface Expected {
  /** In order. */
  readonly must: readonly Held[];
  /** Left to the server. */
  readonly may: ReadonlySet<string>;
}

type InsideQuestion = Question & { readonly contained: Contained };

/** What may stand in the answer. */
interface Row {
  /** As the answer calls it: `Type/id`, or `Type/id#id` for one that it contains. */
  readonly name: string;
  /** The same with its place among the contained, so that text is in the order of rows. */
  readonly rank: string;
  readonly container: Held;
  readonly answer: Answer;
}

/**
 * What the oracle demands where contained resources are searched: in the order of their containers, those of one container
 * in the order in which they stand there, a resource itself before what it contains.
 */
export function expectedInside(corpus: Corpus, question: InsideQuestion): Expected {
  const rows = corpus.all.flatMap((held) =>
    question.contained.shown === 'contained'
      ? [...ownRow(corpus, held, question), ...insideRows(corpus, held, question)]
      : [containerRow(corpus, held, question)],
  );
  // By type, then by id: no type's name is the beginning of another's up to the slash.
  const known = rows
    .filter(({ answer }) => answer === true)
    .map(({ container, rank, name }) => ({ name, stand: { ...container, id: rank } }));
  const order = inOrder(corpus, question);
  return {
    must: known
      .sort((a, b) => order(a.stand, b.stand))
      .map(({ name, stand }) => ({ ...stand, id: name })),
    may: new Set(rows.filter(({ answer }) => answer === undefined).map(({ name }) => name)),
  };
}

function containerRow(corpus: Corpus, held: Held, question: InsideQuestion): Row {
  const name = pathOf(held);
  const inside = corpus.inside(held);
  const asked = question.contained.which === 'both' ? [held, ...inside] : inside;
  const answer = some(asked, (one) => matches(corpus, one, question));
  return { name, rank: name, container: held, answer };
}

function ownRow(corpus: Corpus, held: Held, question: InsideQuestion): readonly Row[] {
  if (question.contained.which !== 'both') return [];
  const name = pathOf(held);
  return [{ name, rank: name, container: held, answer: matches(corpus, held, question) }];
}

function insideRows(corpus: Corpus, held: Held, question: InsideQuestion): readonly Row[] {
  return corpus.inside(held).map((one, place) => ({
    name: `${pathOf(held)}#${one.id}`,
    rank: `${pathOf(held)}#${String(place).padStart(6, '0')}`,
    container: held,
    answer: matches(corpus, one, question),
  }));
}

function pathOf({ type, id }: Held): string {
  return `${type}/${id}`;
}
