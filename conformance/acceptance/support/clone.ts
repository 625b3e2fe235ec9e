import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

/** The work tree under test. */
export const root = join(import.meta.dirname, '..', '..', '..');

/** A copy of it as a reader has it after `git clone`, so that what the documents say can be done to the letter. */
export const clone = join(root, '.cache', 'acceptance');

const madeHere = new Set(['.git', '.cache', '.data', 'node_modules', 'dist', 'definitions']);

/**
 * Makes the clone anew, without anything that was built but for the packages and Fabric's programs, which take long:
 * the former are hard links, the latter a link to where the work tree keeps them.
 */
export function makeClone(): void {
  rmSync(clone, { recursive: true, force: true });
  mkdirSync(clone, { recursive: true });
  for (const name of readdirSync(root).filter((each) => !madeHere.has(each))) {
    cpSync(join(root, name), join(clone, name), {
      recursive: true,
      filter: (path) => !madeHere.has(basename(path)),
    });
  }
  for (const packages of globSync('{,*/}node_modules', { cwd: root })) {
    execFileSync('cp', ['-al', join(root, packages), join(clone, packages)]);
  }
  const programs = join('network', '.cache');
  mkdirSync(join(root, programs), { recursive: true });
  symlinkSync(join(root, programs), join(clone, programs));
}

/** A reader's environment: nothing of the project's settings, and nothing of the npm that runs the tests. */
export function readersEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((each) => !each.startsWith(root));
  const mine = Object.entries(process.env).filter(
    ([name]) => !/^(CHARTSEAL_|npm_|NODE_|PORT$|HOST$|INIT_CWD$)/.test(name),
  );
  return { ...Object.fromEntries(mine), PATH: path.join(delimiter) };
}
