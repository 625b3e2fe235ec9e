import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { checkRandom } from './check-random.ts';
import { officialResources } from './official-resources.ts';
import { Corpus } from '../../oracle/corpus.ts';
import { startWholeServer, writable } from './production-http.ts';
import { searchOracleTests } from './search-oracle.ts';

searchOracleTests('sqlite', { questions: 1500 });

const CLINICAL = [
  'Patient',
  'Observation',
  'Condition',
  'Encounter',
  'Practitioner',
  'Organization',
  'MedicationRequest',
];

describe('searches over HTTP, judged by brute force', () => {
  it('agree about matches, order and total of random questions', async () => {
    // Always the same here, so that a failure is the change's; the suite draws new ones.
    const seed = 20_261_121;
    console.log(`seed ${seed}`);
    const resources = officialResources().filter(
      (resource) => CLINICAL.includes(String(resource['resourceType'])) && writable(resource),
    );
    const { production, held } = await startWholeServer(resources);
    try {
      assert.equal(held.length, resources.length);
      const { mismatches, tally } = await checkRandom(new Corpus(held), production, {
        seed,
        questions: 100,
      });
      assert.deepEqual(mismatches, [], `seed ${seed}`);
      assert.ok(tally.answered > 40, `only ${tally.answered} had matches`);
      const contained = await checkRandom(new Corpus(held), production, {
        seed,
        questions: 60,
        about: 'contained',
      });
      assert.deepEqual(contained.mismatches, [], `seed ${seed}`);
      assert.ok(contained.tally.answered > 20, `only ${contained.tally.answered} had matches`);
    } finally {
      await production.close();
    }
  });
});
