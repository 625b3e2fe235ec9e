import { setTimeout as sleep } from 'node:timers/promises';
import { forgetProcess, isRunning, runningProcess, type PidRecord } from './pid-record.ts';

/** Asks a recorded process to end, ends it after `seconds`; true if it was running. */
export async function stopProcess(runDir: string, name: string, seconds: number): Promise<boolean> {
  const record = runningProcess(runDir, name);
  if (record !== undefined) {
    if (!(await ends(record, 'SIGTERM', seconds)) && !(await ends(record, 'SIGKILL', 5))) {
      throw new Error(`${name} (process ${record.pid}) does not end`);
    }
  }
  forgetProcess(runDir, name);
  return record !== undefined;
}

async function ends(
  record: PidRecord,
  signal: 'SIGTERM' | 'SIGKILL',
  seconds: number,
): Promise<boolean> {
  if (isRunning(record)) {
    try {
      process.kill(record.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  for (let waited = 0; waited < seconds * 1000; waited += 50) {
    if (!isRunning(record)) return true;
    await sleep(50);
  }
  return !isRunning(record);
}
