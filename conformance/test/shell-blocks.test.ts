import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { notRun } from '../acceptance/support/not-run.ts';
import {
  documentsOf,
  fencesOf,
  shellBlocksOf,
  showsOutput,
} from '../acceptance/support/shell-blocks.ts';

const root = join(import.meta.dirname, '..', '..');
const documents = documentsOf(root);

describe('the shell blocks of the documents', () => {
  it('are marked as such: a block is sh, text, or of a language that nobody types into a shell', () => {
    assert.ok(documents.includes('README.md') && documents.includes('docs/performance.md'));
    const strange = documents.flatMap((file) =>
      fencesOf(root, file)
        .filter(({ language }) => !['sh', 'text', 'http', 'json', 'mermaid'].includes(language))
        .map(({ line, language }) => `${file}:${line} ${language}`),
    );
    assert.deepEqual(strange, []);
  });

  it('are run by the acceptance tests, but for those that say why not', () => {
    const blocks = documents.flatMap((file) => shellBlocksOf(root, file));
    for (const { file, script, reason } of notRun) {
      const there = blocks.some((block) => block.file === file && block.script === script);
      assert.ok(there, `${file} has no longer: ${script}`);
      assert.ok(reason.length > 10, script);
    }
    const run = blocks.length - notRun.length;
    assert.ok(run >= 9, `${run} are run`);
  });

  it('are compared with what stands below them, an ellipsis for anything', () => {
    for (const [shown, printed, equal] of [
      ['', '', true],
      ['', 'x', false],
      ['a\n', 'a\n\n', true],
      ['a', 'ab', false],
      ['a…', 'abc', true],
      ['…c', 'abc', true],
      ['a…b…c', 'a1b2c', true],
      ['a…b…c', 'a1c2b', false],
      ['a…ba', 'aba', true],
      ['ab…ba', 'aba', false],
      ['a…b\nc…', 'a1b\nc2\n', true],
      ['a…b\nc…', 'a1b c2\n', false],
    ] as const) {
      assert.equal(showsOutput(shown, printed), equal, `${shown} | ${printed}`);
    }
  });
});
