import { parseArgs } from 'node:util';
import { checkRandom } from '../../../search/check-random.ts';
import { heldResources } from '../../../search/held.ts';
import { officialResources } from '../../../search/official-resources.ts';
import { Corpus } from '../../../search/oracle/corpus.ts';
import { judgePairs, withMadeResources } from '../../../search/pairs.ts';
import { startProduction } from '../../../search/production.ts';
import { syntheaResources } from '../../../search/synthea-resources.ts';
import { pairsTable } from '../../../search/table.ts';

/** `--seed=…` repeats a run; `--questions=…` and `--store=sqlite|mongodb` make it shorter. */
const OPTIONS = {
  seed: { type: 'string' },
  questions: { type: 'string' },
  store: { type: 'string' },
} as const;

/** The server's searches over both stores, judged by the oracle. */
export async function runSearchSuite(): Promise<boolean> {
  const { values } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const questions = Number(values.questions ?? 20_000);
  const population = { patients: 5, years: 5, seed: 1 };
  const resources = withMadeResources([
    ...officialResources(),
    ...(await syntheaResources(population)),
  ]);
  const corpus = new Corpus(heldResources(resources));
  let passed = true;
  for (const kind of ['sqlite', 'mongodb'] as const) {
    if (values.store !== undefined && values.store !== kind) continue;
    console.log(`\n${kind}: ${resources.length} resources, seed ${seed}`);
    passed = (await runOne(corpus, { kind, seed, questions })) && passed;
  }
  return passed;
}

async function runOne(
  corpus: Corpus,
  { kind, seed, questions }: { kind: 'sqlite' | 'mongodb'; seed: number; questions: number },
): Promise<boolean> {
  const production = await startProduction(kind);
  try {
    await production.add(corpus.all);
    const verdicts = await judgePairs(corpus, production);
    console.log(pairsTable(verdicts));
    const progress = ({ asked }: { readonly asked: number }): void =>
      console.error(`${kind}: ${asked} questions asked`);
    const { mismatches, tally } = await checkRandom(corpus, production, {
      seed,
      questions,
      progress,
    });
    console.log(
      `${tally.asked} random questions, ${tally.answered} with matches, ${tally.open} that leave something to the server: ${mismatches.length} mismatches`,
    );
    for (const { url, fault, example } of mismatches)
      console.log(`  ${url}\n    ${fault}\n    ${example}`);
    return mismatches.length === 0 && verdicts.every(({ outcome }) => outcome === 'agrees');
  } finally {
    await production.close();
  }
}
