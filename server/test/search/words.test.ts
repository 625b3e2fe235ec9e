import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { wordsFilter } from '../../src/search/parse/parse-words.ts';

const words = (count: number): string => Array.from({ length: count }, (_, i) => `w${i}`).join('.');

describe('words of _text and _content', () => {
  it('are 64 at most, however they are written', () => {
    for (const write of [
      (text: string) => text,
      (text: string) => `"${text}"`,
      (text: string) => text.replaceAll('.', ' '),
      (text: string) => `(${text})`,
    ]) {
      const parentheses = write('').length;
      assert.ok(wordsFilter('_content', write(words(64 - parentheses))));
      assert.throws(() => wordsFilter('_content', write(words(65))), /too many words/);
    }
  });
});
