import { Corpus } from '../oracle/corpus.ts';
import { urlPairs } from '../oracle/url-pairs.ts';
import { Asker } from '../random-question.ts';
import { heldResources } from '../held.ts';
import type { Random } from '../random.ts';
import type { Sample } from './samples.ts';

/** Searches about everything there is, hidden or not, with what else could tell of it: totals, pages, includes. */
export function secretQueries(
  samples: readonly Sample[],
  random: Random,
  number: number,
): string[] {
  const asker = new Asker(new Corpus(heldResources(samples)), random);
  return Array.from({ length: number }, () => {
    const question = asker.question();
    const pairs = [...urlPairs({ ...question, count: random.pick([1, 2, 5, 50]) })];
    if (random.chance(0.5)) pairs.push(['_total', 'accurate']);
    if (random.chance(0.1)) pairs.push(['_summary', 'count']);
    if (random.chance(0.2)) pairs.push(random.pick(INCLUDES[question.type] ?? [['_include', '*']]));
    return `${question.type}?${new URLSearchParams(pairs).toString()}`;
  });
}

const INCLUDES: Readonly<Record<string, readonly [string, string][]>> = {
  Patient: [
    ['_revinclude', 'Observation:patient'],
    ['_revinclude', '*'],
    ['_include', 'Patient:organization'],
  ],
  Organization: [
    ['_revinclude', 'Patient:organization'],
    ['_revinclude', '*'],
  ],
  Observation: [
    ['_include', 'Observation:has-member'],
    ['_include:iterate', 'Observation:patient'],
  ],
  Practitioner: [['_revinclude', 'Observation:performer']],
};
