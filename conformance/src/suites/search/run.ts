import { parseArgs } from 'node:util';
import { checkRandom } from '../../../search/check-random.ts';
import { heldResources } from '../../../search/held.ts';
import { officialResources } from '../../../search/official-resources.ts';
import { Corpus } from '../../../search/oracle/corpus.ts';
import type { Json } from '../../../search/oracle/official.ts';
import { judgePairs, withMadeResources } from '../../../search/pairs.ts';
import { startWholeServer, writable } from '../../../search/production-http.ts';
import { startProduction } from '../../../search/production.ts';
import type { Production } from '../../../search/production.ts';
import { syntheaResources } from '../../../search/synthea-resources.ts';
import { pairsTable } from '../../../search/table.ts';

/** `--seed=…` repeats a run; `--questions=…` and `--target=sqlite|mongodb|http` make it shorter. */
const OPTIONS = {
  seed: { type: 'string' },
  questions: { type: 'string' },
  target: { type: 'string' },
} as const;

/** Of questions asked over HTTP, each with its entry in the ledger, a tenth. */
const SLOWER = 10;

/** One question of so many may be refused because it would take too long. */
const MOST_COSTLY = 1000;

/** The server's searches over both stores and over HTTP, judged by the oracle. */
export async function runSearchSuite(): Promise<boolean> {
  const { values } = parseArgs({ options: OPTIONS, allowPositionals: true, strict: false });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const questions = Number(values.questions ?? 20_000);
  const resources = [
    ...officialResources(),
    ...(await syntheaResources({ patients: 5, years: 5, seed: 1 })),
  ];
  let passed = true;
  for (const target of ['sqlite', 'mongodb', 'http'] as const) {
    if (values.target !== undefined && values.target !== target) continue;
    const { production, corpus } = await start(target, resources);
    console.log(`\n${target}: ${corpus.all.length} resources, seed ${seed}`);
    try {
      if (target !== 'http') passed = (await pairs(corpus, production)) && passed;
      const number = target === 'http' ? Math.ceil(questions / SLOWER) : questions;
      passed = (await random(corpus, production, { seed, questions: number })) && passed;
    } finally {
      await production.close();
    }
  }
  return passed;
}

async function start(
  target: 'sqlite' | 'mongodb' | 'http',
  resources: readonly Json[],
): Promise<{ readonly production: Production; readonly corpus: Corpus }> {
  if (target === 'http') {
    const { production, held } = await startWholeServer(resources.filter(writable));
    return { production, corpus: new Corpus(held) };
  }
  const corpus = new Corpus(heldResources(withMadeResources(resources)));
  const production = await startProduction(target);
  await production.add(corpus.all);
  return { production, corpus };
}

async function pairs(corpus: Corpus, production: Production): Promise<boolean> {
  const verdicts = await judgePairs(corpus, production);
  console.log(pairsTable(verdicts));
  return verdicts.every(({ outcome }) => outcome === 'agrees');
}

async function random(
  corpus: Corpus,
  production: Production,
  run: { readonly seed: number; readonly questions: number },
): Promise<boolean> {
  const { mismatches, tally } = await checkRandom(corpus, production, {
    ...run,
    progress: ({ asked }) => console.error(`${production.name}: ${asked} questions asked`),
  });
  console.log(
    `${tally.asked} random questions, ${tally.answered} with matches, ${tally.open} that leave something to the server: ${mismatches.length} mismatches`,
  );
  if (tally.costly.length > 0) console.log(`${tally.costly.length} refused as too costly:`);
  for (const url of tally.costly) console.log(`  ${url}`);
  for (const { url, fault, example } of mismatches)
    console.log(`  ${url}\n    ${fault}\n    ${example}`);
  return mismatches.length === 0 && tally.costly.length <= tally.asked / MOST_COSTLY;
}
