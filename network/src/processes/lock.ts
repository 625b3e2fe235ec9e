import { linkSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { processIdentity } from './process-identity.ts';
import { isRunning, type PidRecord } from './pid-record.ts';

/**
 * Runs `act` while no other process changes the same network.
 * @throws Error when another one is at it. A lock whose owner has died is taken over.
 */
export async function withLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  take(path);
  try {
    return await act();
  } finally {
    rmSync(path, { force: true });
  }
}

/** True while a process that lives changes the network. */
export function isLocked(path: string): boolean {
  const owner = readOwner(path);
  return owner !== undefined && isRunning(owner);
}

function take(path: string): void {
  const own: PidRecord = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(own));
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        // A link appears with its content or not at all, and never over another.
        linkSync(mine, path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const owner = readOwner(path);
        if (owner !== undefined && isRunning(owner)) {
          throw new Error(`process ${owner.pid} is working on this network (${path})`, {
            cause: error,
          });
        }
        rmSync(path, { force: true });
      }
    }
    throw new Error(`cannot take ${path}`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function readOwner(path: string): PidRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PidRecord;
  } catch {
    return undefined;
  }
}
