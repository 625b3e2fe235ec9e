import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache-folder.ts';

/**
 * The folder with the programs (`python` among them) of a virtual environment below `.cache`, made once.
 *
 * @param name of the environment
 * @param requirements file of what pip installs into it
 * @throws Error when Python is missing or the packages cannot be had
 */
export function pythonEnvironment(name: string, requirements: string): string {
  const folder = cached('python', name);
  const programs = join(folder, 'bin');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return programs;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('python3', ['-m', 'venv', folder]);
  run(join(programs, 'pip'), ['install', '--quiet', '-r', requirements]);
  writeFileSync(complete, '');
  return programs;
}

function run(command: string, options: readonly string[]): void {
  const { status, error } = spawnSync(command, options, {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) throw new Error('Python 3 is needed for this suite', { cause: error });
  if (status !== 0) throw new Error(`${command} ${options.join(' ')} failed`);
}
