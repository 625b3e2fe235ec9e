import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '@chartseal/network/lock';
import { isRunning, type PidRecord } from '@chartseal/network/pid-record';

/** Another start works on the same data. */
class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
  constructor(pid: number, dataDir: string) {
    super(`Chartseal is already running on ${dataDir} (process ${pid}): stop that one first.`);
  }
}

/** Says who runs on this folder now, if anybody. */
function launcherOf(dataDir: string): PidRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(lockFile(dataDir), 'utf8')) as PidRecord;
    return isRunning(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes this process the only launcher on the folder while `act` runs. The lock of a launcher that was killed is taken over.
 *
 * @throws AlreadyRunning
 */
export async function asOnlyLauncher<T>(dataDir: string, act: () => Promise<T>): Promise<T> {
  const other = launcherOf(dataDir);
  if (other !== undefined) throw new AlreadyRunning(other.pid, dataDir);
  return withLock(lockFile(dataDir), act);
}

export function lockFile(dataDir: string): string {
  return join(dataDir, 'launcher.json');
}
