import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Returns what tells a process from every other one that ever has its number: boot and start time.
 * `undefined` when no such process runs; a zombie runs no more.
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** The same as a shell's expression for its own process, before and after `exec`. */
export const SHELL_IDENTITY =
  process.platform === 'linux'
    ? '"$(cat /proc/sys/kernel/random/boot_id)/$(cut -d " " -f 22 /proc/$$/stat)"'
    : '"$(ps -o lstart= -p $$ | xargs)"';

function fromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${startTicks}`;
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): string | undefined {
  try {
    const args = ['-o', 'stat=,lstart=', '-p', String(pid)];
    const [state, ...started] = execFileSync('ps', args, { encoding: 'utf8' }).trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
