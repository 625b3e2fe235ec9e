import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { checkRandom } from './check-random.ts';
import { expected, fault } from './compare.ts';
import { heldResources } from './held.ts';
import { codedQueries } from './made-queries.ts';
import { officialResources } from './official-resources.ts';
import { Corpus } from '../../oracle/corpus.ts';
import { judgePairs, withMadeResources } from './pairs.ts';
import { startProduction } from './production.ts';
import type { Production } from './production.ts';

/** What both stores must do; quick enough for every run of the tests. */
export function searchOracleTests(
  kind: 'sqlite' | 'mongodb',
  { questions }: { readonly questions: number },
): void {
  describe(`searches over ${kind}, judged by brute force`, () => {
    const corpus = new Corpus(heldResources(withMadeResources(officialResources())));
    let production: Production;
    beforeAll(async () => {
      production = await startProduction(kind);
      await production.add(corpus.all);
    });
    afterAll(() => production.close());

    it('find what the definition of each search parameter says, and nothing else', async () => {
      const verdicts = await judgePairs(corpus, production);
      assert.equal(verdicts.length, 1706);
      const wrong = verdicts.filter(({ outcome }) => outcome !== 'agrees');
      assert.deepEqual(
        wrong.map(({ base, parameter, why }) => `${base}.${parameter.code}: ${why ?? ''}`),
        [],
      );
    });

    it('agree about named queries whose parameters are parts of values', async () => {
      const questions = codedQueries(corpus).slice(0, 60);
      const answers = questions.map((question) => expected(corpus, question).must.length);
      assert.ok(answers.some((found) => found > 0) && answers.includes(0));
      for (const question of questions) {
        const wrong = fault(expected(corpus, question), await production.ask(question));
        assert.equal(wrong, undefined, JSON.stringify(question.query));
      }
    });

    it('agree about matches, order and total of random questions', async () => {
      // Always the same here, so that a failure is the change's; `npm run conformance -- search` draws new ones.
      const seed = 20_261_121;
      console.log(`seed ${seed}`);
      const { mismatches, tally } = await checkRandom(corpus, production, { seed, questions });
      assert.deepEqual(mismatches, [], `seed ${seed}`);
      assert.equal(tally.asked, questions);
      assert.ok(tally.answered > questions / 4, `only ${tally.answered} had matches`);
    });

    it('agree about what is contained in resources', async () => {
      const seed = 20_261_121;
      console.log(`seed ${seed}`);
      const about = 'contained';
      const asked = { seed, questions: Math.ceil(questions / 5), about } as const;
      const { mismatches, tally } = await checkRandom(corpus, production, asked);
      assert.deepEqual(mismatches, [], `seed ${seed}`);
      assert.ok(tally.answered > tally.asked / 2, `only ${tally.answered} had matches`);
    });
  });
}
