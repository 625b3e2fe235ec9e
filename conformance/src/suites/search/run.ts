import { randomInt } from 'node:crypto';
import { checkRandom } from '../../../search/check-random.ts';
import type { Mismatch } from '../../../search/check-random.ts';
import { heldResources } from '../../../search/held.ts';
import { madeQueries } from '../../../search/made-queries.ts';
import { officialResources } from '../../../search/official-resources.ts';
import { Corpus } from '../../../search/oracle/corpus.ts';
import type { Json } from '../../../search/oracle/official.ts';
import { judgePairs, withMadeResources } from '../../../search/pairs.ts';
import { startWholeServer, writable } from '../../../search/production-http.ts';
import { startProduction } from '../../../search/production.ts';
import type { Production } from '../../../search/production.ts';
import { syntheaResources } from '../../../search/synthea-resources.ts';
import { pairsTable } from '../../../search/table.ts';
import { checkWide } from '../../../search/wide/check-wide.ts';
import { withWideWorld } from '../../../search/wide/wide-world.ts';
import { suiteNumber, suiteOption } from '../../suite-option.ts';

type Target = (typeof TARGETS)[number];

const TARGETS = ['sqlite', 'mongodb', 'http', 'wide', 'wide-mongodb'] as const;

/** Questions asked over HTTP, each with its entry in the ledger, are a tenth. */
const SLOWER = 10;

/** One question of so many may be refused because it would take too long. */
const MOST_COSTLY = 1000;

/**
 * The server's searches over both stores and over HTTP, judged by the oracle; `wide` are those of several types and
 * compartments with what goes along. `--seed=…` repeats a run; `--questions=…` and `--target=…` make it shorter.
 */
export async function runSearchSuite(): Promise<boolean> {
  const seed = suiteNumber('seed', randomInt(2 ** 32));
  const questions = suiteNumber('questions', 20_000);
  const only = suiteOption('target', /^(sqlite|mongodb|http|wide|wide-mongodb)$/);
  let passed = true;
  for (const target of TARGETS) {
    if (only !== undefined && only !== target) continue;
    const wide = target === 'wide' || target === 'wide-mongodb';
    const number =
      target === 'sqlite' || target === 'mongodb' ? questions : Math.ceil(questions / SLOWER);
    passed = (await (wide ? runWide : runPlain)(target, { seed, questions: number })) && passed;
  }
  return passed;
}

interface Run {
  readonly seed: number;
  readonly questions: number;
  readonly about?: 'contained';
}

/** For each question about contained resources so many others are asked. */
const CONTAINED = 5;

async function runPlain(target: Target, run: Run): Promise<boolean> {
  const { production, corpus } = await start(target, [
    ...officialResources(),
    ...(await syntheaResources({ patients: 5, years: 5, seed: 1 })),
  ]);
  console.log(`\n${target}: ${corpus.all.length} resources, seed ${run.seed}`);
  try {
    const agreed = target === 'http' || (await pairs(corpus, production));
    const right = (await random(corpus, production, run)) && agreed;
    const fewer = { ...run, questions: Math.ceil(run.questions / CONTAINED) };
    return (await random(corpus, production, { ...fewer, about: 'contained' })) && right;
  } finally {
    await production.close();
  }
}

async function runWide(target: Target, run: Run): Promise<boolean> {
  return withWideWorld(target === 'wide' ? 'sqlite' : 'mongodb', async (corpus, app) => {
    console.log(`\n${target}: ${corpus.all.length} resources, seed ${run.seed}`);
    const { mismatches, tally } = await checkWide(corpus, app, {
      ...run,
      progress: ({ asked }) => console.error(`${target}: ${asked} questions asked`),
    });
    console.log(
      `${tally.asked} random questions${run.about ? ' with _contained' : ''}, ${tally.answered} with matches, ${tally.pages} pages, ${tally.back} walked back from the last, ${tally.included} resources included: ${mismatches.length} mismatches`,
    );
    show(mismatches);
    return mismatches.length === 0;
  });
}

async function start(
  target: Target,
  resources: readonly Json[],
): Promise<{ readonly production: Production; readonly corpus: Corpus }> {
  if (target === 'http') {
    const { production, held } = await startWholeServer([
      ...resources.filter(writable),
      ...madeQueries(),
    ]);
    return { production, corpus: new Corpus(held) };
  }
  const corpus = new Corpus(heldResources(withMadeResources(resources)));
  const production = await startProduction(target === 'sqlite' ? target : 'mongodb');
  await production.add(corpus.all);
  return { production, corpus };
}

async function pairs(corpus: Corpus, production: Production): Promise<boolean> {
  const verdicts = await judgePairs(corpus, production);
  console.log(pairsTable(verdicts));
  return verdicts.every(({ outcome }) => outcome === 'agrees');
}

async function random(corpus: Corpus, production: Production, run: Run): Promise<boolean> {
  const { mismatches, tally } = await checkRandom(corpus, production, {
    ...run,
    progress: ({ asked }) => console.error(`${production.name}: ${asked} questions asked`),
  });
  console.log(
    `${tally.asked} random questions, ${tally.answered} with matches, ${tally.open} that leave something to the server: ${mismatches.length} mismatches`,
  );
  if (tally.costly.length > 0) console.log(`${tally.costly.length} refused as too costly:`);
  for (const url of tally.costly) console.log(`  ${url}`);
  show(mismatches);
  return mismatches.length === 0 && tally.costly.length <= tally.asked / MOST_COSTLY;
}

function show(mismatches: readonly Mismatch[]): void {
  for (const { url, fault, example } of mismatches)
    console.log(`  ${url}\n    ${fault}\n    ${example}`);
}
