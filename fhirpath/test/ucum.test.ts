import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalUnit } from '../src/ucum.ts';

describe('texts that are no units', () => {
  it('are told so quietly and soon', (t) => {
    const printed = t.mock.method(console, 'log');
    for (const text of [
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
    ]) {
      assert.equal(canonicalUnit(text), undefined, text.slice(0, 40));
    }
    assert.deepEqual(canonicalUnit('mg')?.convert(1), 0.001);
    assert.equal(printed.mock.callCount(), 0);
  });
});
