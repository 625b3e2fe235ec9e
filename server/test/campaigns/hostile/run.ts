import { assertHarmless, targets } from '../../support/hostile-queries.ts';
import type { Target } from '../../support/hostile-queries.ts';
import { hostileValues } from '../../support/hostile-values.ts';
import { r4 } from '../../support/r4.ts';
import { heldResources } from '../search/held.ts';
import { withMadeResources } from '../search/pairs.ts';
import { writeOf } from '../search/production.ts';
import { Random } from '../search/random.ts';
import { suiteNumber, suiteOption } from '@chartseal/conformance/suite-option';
import { throwCostBombs } from './cost-bombs.ts';
import { Evaluation } from './evaluate.ts';
import { harmlessValues } from './harmless-values.ts';
import { overHttp } from './over-http.ts';
import { readAll } from './read-all.ts';
import { shaped } from './shaped.ts';
import { watchedMongo } from './watched-mongo.ts';
import { watchedSqlite } from './watched-sqlite.ts';
import type { WatchedStore } from './watched-store.ts';
import { oneOfEachWay } from './ways-of-reading.ts';

/** One evaluated search of so many is asked of MongoDB too. */
const ON_MONGODB = 20;
const AT_ONCE = 16;

/**
 * Hostile values for every search parameter: what reading makes of them, what the databases are told, and what a client
 * gets. `--seed=…` repeats a run; `--requests=…` are those over HTTP; `--part=n/m` takes one part of m, `--only=…` one
 * of read, sqlite, mongodb, http and cost. See README.md for what is left out, and for the step `everything`.
 */
export async function runHostileSuite(): Promise<boolean> {
  const seed = suiteNumber('seed', Math.floor(Math.random() * 2 ** 32));
  const only = suiteOption('only', /^(?:read|everything|sqlite|mongodb|http|cost)$/);
  const [part = 1, parts = 1] = (suiteOption('part', /^\d+\/\d+$/) ?? '1/1').split('/').map(Number);
  const values = hostileValues();
  const mine = targets(r4).filter((_, i) => i % parts === part - 1);
  const faults: string[] = [];
  console.log(`seed ${seed}`);
  const steps: Readonly<Record<string, () => Promise<readonly string[]>>> = {
    read: () => Promise.resolve(readAll(mine.filter(oneOfEachWay(r4)), values)),
    everything: () => Promise.resolve(only === undefined ? [] : readAll(mine, values)),
    sqlite: () => evaluate(watchedSqlite, { mine, values, random: undefined }),
    mongodb: () => evaluate(watchedMongo, { mine, values, random: new Random(seed) }),
    http: () => overHttp(values, { seed, requests: suiteNumber('requests', 20_000) }),
    cost: throwCostBombs,
  };
  for (const [name, step] of Object.entries(steps)) {
    if (only === undefined || only === name) faults.push(...(await step()));
  }
  for (const fault of faults.slice(0, 100)) console.log(`  ${fault}`);
  return faults.length === 0;
}

/** Lets a store that has values of every parameter evaluate what is understood. */
async function evaluate(
  open: (writes: ReturnType<typeof writeOf>[]) => Promise<WatchedStore>,
  {
    mine,
    values,
    random,
  }: {
    readonly mine: readonly Target[];
    readonly values: readonly string[];
    /** Undefined: everything is evaluated. */
    readonly random: Random | undefined;
  },
): Promise<readonly string[]> {
  const corpus = heldResources(withMadeResources([]));
  const watched = await open(corpus.map((held) => writeOf(r4, held)));
  const evaluation = new Evaluation(watched);
  const chosen = mine.filter(oneOfEachWay(r4));
  const ways = targets(r4).filter(oneOfEachWay(r4));
  const plain = (target: Target): boolean => !/[:.]/.test(target.name);
  // SQLite answers in this process: two at once would only wait for each other.
  const atOnce = random === undefined ? 1 : AT_ONCE;
  let underWay: Promise<void>[] = [];
  const one = async (target: Target, value: string): Promise<void> => {
    const query = assertHarmless(r4, target, value);
    if (query === undefined) return;
    underWay.push(evaluation.evaluate(target, value, query));
    if (underWay.length < atOnce) return;
    await Promise.all(underWay);
    underWay = [];
  };
  try {
    // Which of a type's parameters is asked for is a value to the database.
    const teachers =
      random === undefined
        ? ways
        : ways.filter((target, i) => !plain(target) || target.name.startsWith('_') || i % 20 === 0);
    for (const target of teachers) for (const value of harmlessValues) await one(target, value);
    for (const { target, value } of shaped(r4, harmlessValues)) await one(target, value);
    await Promise.all(underWay);
    evaluation.learnt();
    const takes = (): boolean => random === undefined || random.below(ON_MONGODB) === 0;
    for (const target of chosen) {
      for (const value of values) if (takes()) await one(target, value);
    }
    for (const { target, value } of shaped(r4, values)) if (takes()) await one(target, value);
    await Promise.all(underWay);
    return evaluation.report();
  } finally {
    await watched.close();
  }
}
