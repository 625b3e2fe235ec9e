import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process as it can be found again: numbers are reused, so the instant of its start belongs to its identity. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

/** The instant at which a process started, in the system's own notation; undefined when there is no such process. */
export function startOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ');
    return fields?.[0] === 'Z' ? undefined : fields?.[19];
  } catch {
    if (process.platform === 'linux') return undefined;
    return startAccordingToPs(pid);
  }
}

/** Undefined when the process has ended already. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(process: ProcessIdentity): boolean {
  return startOf(process.pid) === process.started;
}

/** Asks a process to end, and ends it by force after `patience` milliseconds. */
export async function stopProcess(target: ProcessIdentity, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  signal(target, 'SIGTERM');
  while (isAlive(target)) {
    if (performance.now() > deadline) signal(target, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function signal(target: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch {
    // It ended between the two lines.
  }
}

function startAccordingToPs(pid: number): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return output.trim() === '' ? undefined : output.trim();
  } catch {
    return undefined;
  }
}
