import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { withWideWorld } from './wide-world.ts';
import { checkWide } from './check-wide.ts';

/** What the whole server must do over both stores; quick enough for every run of the tests. */
export function searchWideTests(
  store: 'sqlite' | 'mongodb',
  { questions }: { readonly questions: number },
): void {
  describe(`searches of several types and compartments over ${store}, judged by brute force`, () => {
    it('agree about matches, order, totals, pages in both directions, and what goes along', () =>
      withWideWorld(store, async (corpus, app) => {
        // Always the same here, so that a failure is the change's; `npm run conformance -- search` draws new ones.
        const seed = 20_261_121;
        console.log(`seed ${seed}`);
        const { mismatches, tally } = await checkWide(corpus, app, { seed, questions });
        assert.deepEqual(mismatches, [], `seed ${seed}`);
        assert.ok(tally.answered > questions / 2, `only ${tally.answered} had matches`);
        assert.ok(tally.included > questions, `only ${tally.included} went along`);
        assert.ok(tally.back > questions / 20, `only ${tally.back} were walked back`);
      }));
  });
}
