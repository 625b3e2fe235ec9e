import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';

const scripts = join(import.meta.dirname, '..', '..', 'scripts');
const run = (script: string, args: readonly string[]) =>
  spawnSync(process.execPath, [join(scripts, script), ...args], { encoding: 'utf8' });

describe('options of the commands', () => {
  for (const [script, option, words] of [
    ['start.mjs', '--data', /^--data needs the name of a folder\n/],
    ['revive.mjs', '--data', /^--data needs the name of a folder\n/],
    ['start.mjs', '--package', /^--package needs the name of a file or folder\n/],
  ] as const) {
    for (const value of ['', ' ']) {
      it(`${option} of ${script} cannot be ${JSON.stringify(value)}`, () => {
        const { status, stdout, stderr } = run(script, [`${option}=${value}`]);
        assert.deepEqual([status, stdout], [64, '']);
        assert.match(stderr, words);
      });
    }
  }

  for (const script of ['bench.mjs', 'bench-search.mjs', 'conformance.mjs', 'token.mjs']) {
    it(`${script} says in a sentence that the packages are not installed`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'options-'));
      try {
        for (const name of ['scripts', 'package.json', 'package-lock.json', 'evidence/bin'])
          cpSync(join(scripts, '..', name), join(folder, name), { recursive: true });
        const copy = join(folder, 'scripts', script);
        const { status, stderr } = spawnSync(process.execPath, [copy], { encoding: 'utf8' });
        assert.equal(status, 1);
        assert.match(stderr, /^[^\n]*packages are not installed[^\n]*\n$/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('the benchmark says in a sentence that no stack runs', () => {
    const { status, stderr } = run('bench.mjs', ['--data', join(tmpdir(), 'no-stack-is-here')]);
    assert.equal(status, 1);
    assert.match(stderr, /^No servers run on [^\n]*\n$/);
  });

  for (const script of ['start.mjs', 'revive.mjs']) {
    it(`--help of ${script} lists them`, () => {
      const { status, stdout, stderr } = run(script, ['--help']);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /--data <folder>/);
    });
  }
});
