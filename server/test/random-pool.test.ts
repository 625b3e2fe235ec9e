import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { randomPool } from '../src/random-pool.ts';

/** Gives every byte a number of its own, and counts how often it is asked. */
function counting() {
  const drawn: Uint8Array[] = [];
  let next = 1;
  const draw = (bytes: number): Uint8Array => {
    const made = Uint8Array.from({ length: bytes }, () => (next++ % 251) + 1);
    drawn.push(made);
    return made;
  };
  return { drawn, draw };
}

describe('pool of random bytes', () => {
  it('gives each drawn byte once, in as many draws as needed', () => {
    const { drawn, draw } = counting();
    const expected = counting().draw(8_192);
    const random = randomPool(draw);
    const given = Array.from({ length: 256 }, () => random(32));
    assert.equal(drawn.length, 2);
    assert.deepEqual(Buffer.concat(given), Buffer.from(expected));
  });

  it('forgets what it gave, and what was given stays', () => {
    const { drawn, draw } = counting();
    const random = randomPool(draw);
    const first = random(32);
    const kept = Buffer.from(first);
    assert.ok(drawn[0]?.subarray(0, 32).every((byte) => byte === 0));
    random(32);
    assert.deepEqual(first, kept);
  });

  it('never gives fewer than asked for', () => {
    const random = randomPool(counting().draw);
    for (const bytes of [0, 1, 255, 256, 257, 4_096, 10_000, 256, 255]) {
      const given = random(bytes);
      assert.equal(given.length, bytes);
      assert.ok(given.every((byte) => byte !== 0));
    }
  });
});
