import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { checkClosed } from './check-closed.ts';
import { inWords } from './run.ts';

describe('everybody, in every way, with data in every state', () => {
  it('is shown and changes what consent and policy permit, and nothing else', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed ${seed}`);
    const { faults, counts } = await checkClosed({ seed, requests: 3_000 });
    assert.deepEqual(faults.map(inWords), [], `seed ${seed}`);
    assert.ok((counts.expected.get('true') ?? 0) > 300, 'control: what is permitted');
    assert.ok((counts.expected.get('false') ?? 0) > 800, 'control: what is refused');
  }, 600_000);
});
