import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** Another start works on the same data. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
  readonly pid: number;
  constructor(pid: number, dataDir: string) {
    super(`Chartseal is already running on ${dataDir} (process ${pid}): stop that one first.`);
    this.pid = pid;
  }
}

/** Who runs on this folder now, if anybody. */
export function launcherOf(dataDir: string): ProcessIdentity | undefined {
  const holder = read(lockFile(dataDir));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/**
 * Makes this process the only launcher on the folder until `release` is called or it dies.
 *
 * @throws AlreadyRunning
 */
export function takeLaunchLock(dataDir: string): { readonly release: () => void } {
  mkdirSync(dataDir, { recursive: true });
  const file = lockFile(dataDir);
  const own = JSON.stringify(identify(process.pid));
  for (;;) {
    try {
      writeFileSync(file, own, { flag: 'wx' });
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = launcherOf(dataDir);
    if (holder !== undefined) throw new AlreadyRunning(holder.pid, dataDir);
    // Left behind by a launcher that was killed.
    rmSync(file, { force: true });
  }
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'launcher.json');
}

function read(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
