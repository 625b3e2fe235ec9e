import { expected, fault } from './compare.ts';
import type { Corpus } from '../../oracle/corpus.ts';
import type { Criterion, Question } from '../../oracle/question.ts';
import { parametersOf } from '../../oracle/parameters.ts';
import { urlPairs } from '../../oracle/url-pairs.ts';
import type { Production } from './production.ts';
import { Asker } from './random-question.ts';
import { InsideAsker } from './inside-questions.ts';
import { Random } from './random.ts';
import { shrink } from './shrink.ts';

export interface Mismatch {
  /** The least question that shows it, as a URL's path and query, not percent-encoded. */
  readonly url: string;
  readonly fault: string;
  /** A resource that is judged differently, with what the last parameter selects of it. */
  readonly example: string;
}

/** How many questions were asked, had an answer, and left something to the server; which would have cost too much. */
export interface Tally {
  asked: number;
  answered: number;
  open: number;
  costly: string[];
}

/** Asks questions that the seed gives, and shrinks those where server and oracle differ. */
export async function checkRandom(
  corpus: Corpus,
  production: Production,
  {
    seed,
    questions,
    about = 'resources',
    progress,
  }: {
    readonly seed: number;
    readonly questions: number;
    /** Whether what resources contain is asked for, too. */
    readonly about?: 'resources' | 'contained';
    readonly progress?: (tally: Tally) => void;
  },
): Promise<{ readonly mismatches: readonly Mismatch[]; readonly tally: Tally }> {
  const random = new Random(seed);
  const asker = about === 'contained' ? new InsideAsker(corpus, random) : new Asker(corpus, random);
  const mismatches: Mismatch[] = [];
  const tally: Tally = { asked: 0, answered: 0, open: 0, costly: [] };
  const faultOf = async (question: Question): Promise<string | undefined> =>
    fault(expected(corpus, question), await production.ask(question));
  while (tally.asked < questions && mismatches.length < MOST) {
    const question = asker.question();
    const wanted = expected(corpus, question);
    tally.asked += 1;
    if (wanted.must.length > 0) tally.answered += 1;
    if (wanted.may.size > 0) tally.open += 1;
    const reply = await production.ask(question);
    if ('refused' in reply && reply.costly === true) {
      tally.costly.push(urlOf(question));
      continue;
    }
    const first = fault(wanted, reply);
    if (first !== undefined) {
      const alike = (other: string | undefined): boolean => kindOf(other) === kindOf(first);
      const least = await shrink(question, async (one) => alike(await faultOf(one)));
      mismatches.push(described(corpus, least, (await faultOf(least)) ?? first));
    }
    if (tally.asked % 1000 === 0) progress?.(tally);
  }
  return { mismatches, tally };
}

/** Enough to see what is wrong. */
const MOST = 20;

function kindOf(found: string | undefined): string | undefined {
  return found?.split(/[\s:]/)[0];
}

function urlOf(question: Question): string {
  const pairs = urlPairs(question).map(([name, value]) => `${name}=${value}`);
  return `${question.type}?${pairs.join('&')}`;
}

function described(corpus: Corpus, question: Question, found: string): Mismatch {
  const id = /\((\S+?)[\s)]/.exec(found)?.[1];
  const held = corpus.of(question.type).find((one) => one.id === id);
  const code = question.criteria.flatMap(codesOf).at(-1) ?? question.sort.at(-1)?.code;
  const parameter = parametersOf(question.type).get(code ?? '');
  const values =
    held && parameter && corpus.elements(held, parameter).map(({ type, value }) => [type, value]);
  return {
    url: urlOf(question),
    fault: found,
    example:
      values === undefined ? '' : `${held?.id ?? ''}: ${JSON.stringify(values).slice(0, 500)}`,
  };
}

function codesOf(criterion: Criterion): readonly string[] {
  return 'code' in criterion ? [criterion.code] : [];
}
