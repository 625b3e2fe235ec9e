import type { TestApp } from '../../../support/app.ts';
import type { Mismatch } from '../check-random.ts';
import type { Corpus } from '../../../oracle/corpus.ts';
import { pathOf, Ways } from '../../../oracle/includes.ts';
import { Random } from '../random.ts';
import { shrinkWide } from './shrink-wide.ts';
import { WideAsker } from './wide-asker.ts';
import { Inside, wideExpected } from './wide-expected.ts';
import { wideFault } from './wide-fault.ts';
import { askWide } from './wide-production.ts';
import { questionText } from './wide-question.ts';
import type { WideQuestion } from './wide-question.ts';

/** How many were asked, and what they made the server do. */
export interface WideTally {
  asked: number;
  /** With matches. */
  answered: number;
  open: number;
  pages: number;
  /** Resources that went along with matches. */
  included: number;
  /** Walked from the last page to the first. */
  back: number;
}

/** Enough to see what is wrong. */
const MOST = 20;

/** Asks a whole server questions of several types, compartments, includes and links, and shrinks those that it answers wrongly. */
export async function checkWide(
  corpus: Corpus,
  app: TestApp,
  {
    seed,
    questions,
    progress,
  }: {
    readonly seed: number;
    readonly questions: number;
    readonly progress?: (tally: WideTally) => void;
  },
): Promise<{ readonly mismatches: readonly Mismatch[]; readonly tally: WideTally }> {
  const ways = new Ways(corpus);
  const inside = new Inside(corpus);
  const resources = new Map(corpus.all.map((held) => [pathOf(held), held]));
  const asker = new WideAsker(corpus, { inside, ways, random: new Random(seed) });
  const tally: WideTally = { asked: 0, answered: 0, open: 0, pages: 0, included: 0, back: 0 };
  const mismatches: Mismatch[] = [];
  const faultOf = async (question: WideQuestion, counted?: WideTally) => {
    const walk = await askWide(app, question);
    if ('refused' in walk) return `refused: ${walk.refused}`;
    const expected = wideExpected(corpus, inside, question);
    if (counted) count(counted, walk, expected);
    return wideFault(walk, { question, expected, ways, resources });
  };
  while (tally.asked < questions && mismatches.length < MOST) {
    const question = asker.question();
    tally.asked += 1;
    const found = await faultOf(question, tally);
    if (found !== undefined) {
      const alike = (other: string | undefined): boolean => kindOf(other) === kindOf(found);
      const least = await shrinkWide(question, async (one) => alike(await faultOf(one)));
      mismatches.push({
        url: questionText(least),
        fault: (await faultOf(least)) ?? found,
        example: '',
      });
    }
    if (tally.asked % 100 === 0) progress?.(tally);
  }
  return { mismatches, tally };
}

function count(
  tally: WideTally,
  { forwards, backwards }: Exclude<Awaited<ReturnType<typeof askWide>>, { refused: string }>,
  { must, may }: ReturnType<typeof wideExpected>,
): void {
  if (must.length > 0) tally.answered += 1;
  if (may.size > 0) tally.open += 1;
  tally.pages += forwards.length + (backwards?.length ?? 0);
  tally.included += forwards.reduce((sum, { includes }) => sum + includes.length, 0);
  if (backwards !== undefined) tally.back += 1;
}

function kindOf(found: string | undefined): string | undefined {
  return found?.split(/[\s:]/)[0];
}
