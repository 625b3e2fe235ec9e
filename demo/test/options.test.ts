import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';

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

  for (const script of ['start.mjs', 'revive.mjs']) {
    it(`--help of ${script} lists them`, () => {
      const { status, stdout, stderr } = run(script, ['--help']);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /--data <folder>/);
    });
  }
});
