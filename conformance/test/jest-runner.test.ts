import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const passes = "it('passes', () => undefined);";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chartseal-runner-'));
  const configuration = {
    testMatch: ['**/*.test.ts'],
    transform: {},
    runner: join(root, 'scripts', 'jest', 'process-runner.mjs'),
    watchman: false,
    testTimeout: 10_000,
  };
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(configuration));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one test file of these lines. */
function run(...lines: readonly string[]): { status: number | null; said: string } {
  const file = ["import { beforeAll, describe, it, jest } from '@jest/globals';", ...lines].join(
    '\n',
  );
  writeFileSync(join(folder, 'one.test.ts'), file);
  const { status, stderr } = spawnSync(process.execPath, [jest], { cwd: folder, encoding: 'utf8' });
  return { status, said: stderr };
}

describe('the runner of tests', () => {
  it('passes a file whose tests pass, and counts them', () => {
    const { status, said } = run(passes, 'const two: number = 2;', "it('too', () => void two);");
    assert.equal(status, 0, said);
    assert.match(said, /^Tests: +2 passed, 2 total$/m);
  });

  it('runs tests among the same globals as Node itself', () => {
    const { status, said } = run(
      "import assert from 'node:assert/strict';",
      "import { globSync } from 'node:fs';",
      "it('finds', () => assert.deepEqual(globSync('one.*.ts'), ['one.test.ts']));",
      "it('has no NODE_ENV', () => assert.notEqual(process.env['NODE_ENV'], 'test'));",
    );
    assert.equal(status, 0, said);
  });

  it('names the line of a failure', () => {
    const { status, said } = run(
      'interface Erased { a: 1 }',
      "it('fails', () => {",
      "  throw new Error('x');",
      '});',
    );
    assert.equal(status, 1);
    assert.match(said, /one\.test\.ts:4:9\)/);
  });

  for (const [what, line, message] of [
    ['a test that is left out', "it.skip('skipped', () => undefined);", '1 of its tests were left'],
    ['a test to be written', "it.todo('later');", '1 of its tests were left out'],
    ['a test that others are left out for', "it.only('it', () => undefined);", '1 of its tests'],
    ['a process that ends amid tests', "it('x', () => process.exit(0));", 'ended amid its tests'],
    ['an exit code', 'process.exitCode = 3;', 'exit code 3'],
    ['what throws after the tests', "setTimeout(() => { throw new Error('x'); }, 500);", 'code 1'],
    [
      'a rejection that nobody handles',
      "it('x', () => void Promise.reject(new Error('unhandled!')));",
      'Error: unhandled!',
    ],
    ['a hook that throws', "beforeAll(() => { throw new Error('no world'); });", 'no world'],
    [
      'a test that is expected to fail',
      "it.failing('x', () => { throw new Error('x'); });",
      'not a function',
    ],
    [
      'a file that is never loaded',
      'await new Promise((done) => setTimeout(done, 60_000));',
      'not loaded in time',
    ],
    [
      'a file that reports for itself',
      "process.send({ told: { numPassingTests: 1 } }); it('fails', () => { throw new Error('told'); });",
      'told',
    ],
    ['a file that cannot be loaded', "import './none.ts';", 'Cannot find module'],
    [
      'a test that takes too long',
      "jest.setTimeout(100); it('x', () => new Promise((done) => setTimeout(done, 2_000)));",
      'Exceeded timeout of 100 ms',
    ],
  ] as const) {
    it(`fails ${what}`, () => {
      const { status, said } = run(passes, line);
      assert.equal(status, 1, said);
      assert.ok(said.includes(message), said);
    });
  }

  it('fails a file without tests', () => {
    const { status, said } = run();
    assert.equal(status, 1);
    assert.match(said, /must contain at least one test/);
  });

  it('belongs to a configuration in which every test file is of one project', () => {
    const files = (...args: readonly string[]): readonly string[] =>
      execFileSync(process.execPath, [jest, '--listTests', ...args], {
        cwd: root,
        encoding: 'utf8',
      })
        .split('\n')
        .filter(Boolean)
        .map((file) => relative(root, file))
        .sort();
    const listed = ['unit', 'integration', 'network', 'acceptance'].flatMap((project) =>
      files('--selectProjects', project),
    );
    const tracked = execFileSync('git', ['ls-files', '*.test.ts'], { cwd: root, encoding: 'utf8' });
    const kept = tracked
      .trim()
      .split('\n')
      .filter((file) => existsSync(join(root, file)));
    assert.ok(kept.length > 200);
    assert.deepEqual(
      listed.toSorted().filter((file) => kept.includes(file)),
      kept.toSorted(),
    );
  });
});
