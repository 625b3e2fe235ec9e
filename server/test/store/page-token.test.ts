import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { openToken, PAGE_KEY_BYTES, sealToken } from '../../src/store/page-token.ts';

const key = randomBytes(PAGE_KEY_BYTES);

describe('a page token', () => {
  it('opens for its scope alone, and only as it was made', () => {
    const token = sealToken(key, 'mine', [1, 0, 'Patient', 'ä']);
    assert.deepEqual(openToken(key, 'mine', token), [1, 0, 'Patient', 'ä']);
    const other = token.startsWith('A') ? 'B' : 'A';
    for (const [scope, text] of [
      ['other', token],
      ['mine', `${other}${token.slice(1)}`],
      ['mine', `${token}=`],
      ['mine', token.slice(0, 8)],
    ] as const) {
      assert.throws(() => openToken(key, scope, text), RangeError);
    }
    assert.throws(() => openToken(randomBytes(PAGE_KEY_BYTES), 'mine', token), RangeError);
  });

  it('tells by itself neither how much was written, nor whether anything was', () => {
    const first = sealToken(key, 'mine', [9, 0]);
    assert.notEqual(sealToken(key, 'mine', [9, 0]), first);
    assert.deepEqual(openToken(key, 'mine', first), [9, 0]);
    for (const at of [10, 1_000_000, 1_000_000_000])
      assert.equal(sealToken(key, 'mine', [at, 0]).length, first.length);
    assert.ok(sealToken(key, 'mine', [9, 0, 'x'.repeat(100)]).length > first.length);
  });
});
