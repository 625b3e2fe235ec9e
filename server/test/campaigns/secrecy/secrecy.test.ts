import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { people } from '../../support/app.ts';
import { checkSecrecy } from './check-secrecy.ts';

describe('what a caller may not see', () => {
  it('changes no byte of any answer', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed ${seed}`);
    const { leaks, found } = await checkSecrecy({ seed, queries: 100 });
    assert.deepEqual(leaks, [], `seed ${seed}`);
    assert.ok(found > 20, `only ${found} queries found something`);
  });

  it('changes the answers of those who may see it', async () => {
    const { leaks } = await checkSecrecy({ seed: 1, queries: 150, callers: [people.ehr] });
    assert.ok(leaks.length > 2, `only ${leaks.length} answers changed`);
  });
});
