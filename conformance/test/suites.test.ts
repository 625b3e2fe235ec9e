import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';

const program = join(import.meta.dirname, '..', 'suites', 'conformance.ts');
const run = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

describe('the suites of conformance', () => {
  it('are told apart from names that are none, which are named before the list', () => {
    const { status, stdout, stderr } = run('xml', 'nosuch', 'neither');
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^There is no suite nosuch, neither\.\nusage: /);
    assert.match(stderr, /^ {2}xml --every=1$/m);
  });

  it('are listed where none is named', () => {
    const { status, stderr } = run();
    assert.equal(status, 2);
    assert.match(stderr, /^usage: /);
  });
});
