import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { canonicalUnit } from '../src/ucum.ts';

describe('texts that are no units', () => {
  it('are told so quietly and soon', () => {
    const printed: unknown[] = [];
    const { log } = console;
    console.log = (...line) => void printed.push(line);
    const texts = [
      'am{x}(y)',
      ')]^+%d%%faHgf()2gg/L[le.',
      'ebraces{x}(y{z})',
      '('.repeat(32),
      'm.'.repeat(32),
      '{'.repeat(64),
      'x'.repeat(10_000),
      'm m',
      '',
      'mmHg',
      'degF',
    ];
    try {
      for (const text of texts) {
        assert.equal(canonicalUnit(text), undefined, text.slice(0, 40));
      }
      assert.deepEqual(canonicalUnit('mg')?.convert(1), 0.001);
    } finally {
      console.log = log;
    }
    assert.deepEqual(printed, []);
  });
});
