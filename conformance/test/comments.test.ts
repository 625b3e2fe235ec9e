import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const eslint = join(root, 'node_modules', 'eslint', 'bin', 'eslint.js');
const planted = join(root, 'scripts', 'planted.mjs');

/** Lints these lines as a file of `scripts/`. */
function lint(...lines: readonly string[]): { status: number | null; said: string } {
  const { status, stdout } = spawnSync(
    process.execPath,
    [eslint, '--stdin', '--stdin-filename', planted],
    { cwd: root, encoding: 'utf8', input: [...lines, ''].join('\n') },
  );
  return { status, said: stdout };
}

describe('comments in sources', () => {
  it('may begin with a subject or a verb', () => {
    const { status, said } = lint(
      '/** Tells whether one is one. */',
      'export const one = true; // Howling is no word of a fragment.',
      '/**',
      ' * Returns what one is.',
      ' */',
    );
    assert.equal(status, 0, said);
  });

  it('may not begin as a fragment does', () => {
    const { status, said } = lint(
      '/** Whether one is one. */',
      'export const one = true; // Of ones.',
      '/**',
      ' * What one is.',
      ' */',
    );
    assert.equal(status, 1);
    for (const place of [/1:1 .*"Whether"/, /2:26 .*"Of"/, /3:1 .*"What"/]) {
      assert.match(said, place);
    }
  });
});
